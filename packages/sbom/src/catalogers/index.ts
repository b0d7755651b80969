import type { Cataloger } from "../cataloger.ts";
import { apk } from "./apk.ts";
import { bunLock } from "./bun-lock.ts";
import { dpkg } from "./dpkg.ts";
import { goBinaries } from "./go-binaries.ts";
import { javaArchives } from "./java-archives.ts";
import { nodeModules } from "./node-modules.ts";
import { osRelease } from "./os-release.ts";
import { packageLock } from "./package-lock.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { pythonPackages } from "./python-packages.ts";
import { rustBinaries } from "./rust-binaries.ts";
import { rpm } from "./rpm.ts";
import { yarnLock } from "./yarn-lock.ts";

/** Every cataloger. The distribution's comes first, since the purls of its packages name it. */
export const catalogers: readonly Cataloger<unknown>[] = [
  osRelease,
  apk,
  dpkg,
  rpm,
  nodeModules,
  pythonPackages,
  bunLock,
  packageLock,
  pnpmLock,
  yarnLock,
  goBinaries,
  rustBinaries,
  javaArchives,
];
