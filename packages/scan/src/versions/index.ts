import type { VersionScheme } from "../version-scheme.ts";
import { alpm } from "./alpm.ts";
import { apk } from "./apk.ts";
import { bitnami } from "./bitnami.ts";
import { composer } from "./composer.ts";
import { cran } from "./cran.ts";
import { dpkg } from "./dpkg.ts";
import { gem } from "./gem.ts";
import { generic } from "./generic.ts";
import { golang } from "./golang.ts";
import { hackage } from "./hackage.ts";
import { maven } from "./maven.ts";
import { nuget } from "./nuget.ts";
import { pep440 } from "./pep440.ts";
import { pub } from "./pub.ts";
import { rpm } from "./rpm.ts";
import { semver } from "./semver.ts";

/** Every version scheme, by id. */
export const versionSchemes: readonly VersionScheme<unknown>[] = [
  alpm,
  apk,
  bitnami,
  composer,
  cran,
  dpkg,
  gem,
  generic,
  golang,
  hackage,
  maven,
  nuget,
  pep440,
  pub,
  rpm,
  semver,
];
