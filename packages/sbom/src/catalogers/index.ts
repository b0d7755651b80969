import type { Cataloger } from "../cataloger.ts";
import { apk } from "./apk.ts";
import { dpkg } from "./dpkg.ts";
import { nodeModules } from "./node-modules.ts";
import { osRelease } from "./os-release.ts";
import { pythonPackages } from "./python-packages.ts";

/** Every cataloger. The distribution's comes first, since the purls of its packages name it. */
export const catalogers: readonly Cataloger<unknown>[] = [osRelease, apk, dpkg, nodeModules, pythonPackages];
