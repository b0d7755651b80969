import type { Cataloger } from "../cataloger.ts";
import { apk } from "./apk.ts";
import { bottlerocket } from "./bottlerocket.ts";
import { bunLock } from "./bun-lock.ts";
import { cabalFreeze } from "./cabal-freeze.ts";
import { cargoLock } from "./cargo-lock.ts";
import { chisel } from "./chisel.ts";
import { composerLock } from "./composer-lock.ts";
import { composerPackages } from "./composer-packages.ts";
import { conanLock } from "./conan-lock.ts";
import { conanfile } from "./conanfile.ts";
import { condaEnvironment } from "./conda-environment.ts";
import { condaPackages } from "./conda-packages.ts";
import { cos } from "./cos.ts";
import { denoLock } from "./deno-lock.ts";
import { dotnetPackages } from "./dotnet-packages.ts";
import { dpkg } from "./dpkg.ts";
import { editorArchives } from "./editor-archives.ts";
import { editorExtensions } from "./editor-extensions.ts";
import { elfPackageNotes } from "./elf-package-notes.ts";
import { embeddedDocuments } from "./embedded-documents.ts";
import { erlangApplications } from "./erlang-applications.ts";
import { flatpak } from "./flatpak.ts";
import { gemfileLock } from "./gemfile-lock.ts";
import { gemspec } from "./gemspec.ts";
import { githubActions } from "./github-actions.ts";
import { gleamManifest } from "./gleam-manifest.ts";
import { goBinaries } from "./go-binaries.ts";
import { goMod } from "./go-mod.ts";
import { goVendor } from "./go-vendor.ts";
import { gradleCatalog } from "./gradle-catalog.ts";
import { gradleLock } from "./gradle-lock.ts";
import { gradleVerification } from "./gradle-verification.ts";
import { homebrew } from "./homebrew.ts";
import { javaArchives } from "./java-archives.ts";
import { javaRuntime } from "./java-runtime.ts";
import { juliaManifest } from "./julia-manifest.ts";
import { knownBinaries } from "./known-binaries.ts";
import { linuxKernel } from "./linux-kernel.ts";
import { luaRocks } from "./lua-rocks.ts";
import { mavenInstall } from "./maven-install.ts";
import { mixLock } from "./mix-lock.ts";
import { nix } from "./nix.ts";
import { nixStore } from "./nix-store.ts";
import { nodeModules } from "./node-modules.ts";
import { nugetLock } from "./nuget-lock.ts";
import { nugetProject } from "./nuget-project.ts";
import { opam } from "./opam.ts";
import { opkg } from "./opkg.ts";
import { osRelease } from "./os-release.ts";
import { packageLock } from "./package-lock.ts";
import { packagesConfig } from "./packages-config.ts";
import { pacman } from "./pacman.ts";
import { paketLock } from "./paket-lock.ts";
import { pdmLock } from "./pdm-lock.ts";
import { pearPackages } from "./pear-packages.ts";
import { perlDistributions } from "./perl-distributions.ts";
import { pipfileLock } from "./pipfile-lock.ts";
import { pnpmLock } from "./pnpm-lock.ts";
import { podfileLock } from "./podfile-lock.ts";
import { poetryLock } from "./poetry-lock.ts";
import { pomXml } from "./pom-xml.ts";
import { portage } from "./portage.ts";
import { projectAssets } from "./project-assets.ts";
import { pubspecLock } from "./pubspec-lock.ts";
import { pylock } from "./pylock.ts";
import { pyproject } from "./pyproject.ts";
import { pythonArchives } from "./python-archives.ts";
import { pythonPackages } from "./python-packages.ts";
import { rPackages } from "./r-packages.ts";
import { rebarLock } from "./rebar-lock.ts";
import { renvLock } from "./renv-lock.ts";
import { requirements } from "./requirements.ts";
import { rockspec } from "./rockspec.ts";
import { rpm } from "./rpm.ts";
import { rubyGems } from "./ruby-gems.ts";
import { rustBinaries } from "./rust-binaries.ts";
import { sbtLock } from "./sbt-lock.ts";
import { setupPy } from "./setup-py.ts";
import { snap } from "./snap.ts";
import { snapPackages } from "./snap-packages.ts";
import { stackLock } from "./stack-lock.ts";
import { swiftResolved } from "./swift-resolved.ts";
import { terraformLock } from "./terraform-lock.ts";
import { uvLock } from "./uv-lock.ts";
import { wordpress } from "./wordpress.ts";
import { yarnArchives } from "./yarn-archives.ts";
import { yarnLock } from "./yarn-lock.ts";

/** Every cataloger. The distribution's comes first, since the purls of its packages name it. */
export const catalogers: readonly Cataloger<unknown>[] = [
  osRelease,
  apk,
  dpkg,
  rpm,
  snap,
  snapPackages,
  portage,
  pacman,
  opkg,
  nix,
  nixStore,
  homebrew,
  flatpak,
  cos,
  chisel,
  bottlerocket,
  nodeModules,
  yarnArchives,
  pythonPackages,
  goBinaries,
  rustBinaries,
  javaArchives,
  rubyGems,
  composerPackages,
  pearPackages,
  dotnetPackages,
  condaPackages,
  erlangApplications,
  rPackages,
  javaRuntime,
  knownBinaries,
  pythonArchives,
  editorArchives,
  editorExtensions,
  luaRocks,
  opam,
  wordpress,
  perlDistributions,
  elfPackageNotes,
  linuxKernel,
  embeddedDocuments,
  // What is only declared, by lock files and manifests.
  bunLock,
  cabalFreeze,
  cargoLock,
  composerLock,
  conanLock,
  condaEnvironment,
  conanfile,
  denoLock,
  gemfileLock,
  gemspec,
  githubActions,
  gleamManifest,
  goMod,
  goVendor,
  gradleCatalog,
  gradleLock,
  gradleVerification,
  juliaManifest,
  mavenInstall,
  mixLock,
  nugetLock,
  nugetProject,
  packageLock,
  packagesConfig,
  paketLock,
  pdmLock,
  pipfileLock,
  pnpmLock,
  podfileLock,
  poetryLock,
  pomXml,
  projectAssets,
  pubspecLock,
  pylock,
  pyproject,
  rebarLock,
  renvLock,
  requirements,
  rockspec,
  sbtLock,
  setupPy,
  stackLock,
  swiftResolved,
  terraformLock,
  uvLock,
  yarnLock,
];
