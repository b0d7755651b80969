import type { Cataloger } from "../cataloger.ts";
import { perlDistributions } from "./perl-distributions.ts";
import { luaRocks } from "./lua-rocks.ts";
import { editorExtensions } from "./editor-extensions.ts";
import { pythonArchives } from "./python-archives.ts";
import { knownBinaries } from "./known-binaries.ts";
import { javaRuntime } from "./java-runtime.ts";
import { rPackages } from "./r-packages.ts";
import { erlangApplications } from "./erlang-applications.ts";
import { condaPackages } from "./conda-packages.ts";
import { dotnetPackages } from "./dotnet-packages.ts";
import { composerPackages } from "./composer-packages.ts";
import { rubyGems } from "./ruby-gems.ts";
import { apk } from "./apk.ts";
import { bottlerocket } from "./bottlerocket.ts";
import { bunLock } from "./bun-lock.ts";
import { chisel } from "./chisel.ts";
import { cos } from "./cos.ts";
import { dpkg } from "./dpkg.ts";
import { flatpak } from "./flatpak.ts";
import { goBinaries } from "./go-binaries.ts";
import { homebrew } from "./homebrew.ts";
import { javaArchives } from "./java-archives.ts";
import { nix } from "./nix.ts";
import { nodeModules } from "./node-modules.ts";
import { opkg } from "./opkg.ts";
import { osRelease } from "./os-release.ts";
import { packageLock } from "./package-lock.ts";
import { pacman } from "./pacman.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { portage } from "./portage.ts";
import { pythonPackages } from "./python-packages.ts";
import { rpm } from "./rpm.ts";
import { rustBinaries } from "./rust-binaries.ts";
import { snap } from "./snap.ts";
import { yarnLock } from "./yarn-lock.ts";

/** Every cataloger. The distribution's comes first, since the purls of its packages name it. */
export const catalogers: readonly Cataloger<unknown>[] = [
  osRelease,
  apk,
  dpkg,
  rpm,
  snap,
  portage,
  pacman,
  opkg,
  nix,
  homebrew,
  flatpak,
  cos,
  chisel,
  bottlerocket,
  nodeModules,
  pythonPackages,
  bunLock,
  packageLock,
  pnpmLock,
  yarnLock,
  goBinaries,
  rustBinaries,
  javaArchives,
  rubyGems,
  composerPackages,
  dotnetPackages,
  condaPackages,
  erlangApplications,
  rPackages,
  javaRuntime,
  knownBinaries,
  pythonArchives,
  editorExtensions,
  luaRocks,
  perlDistributions,
];
