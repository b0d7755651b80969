import type { VersionScheme } from "../version-scheme.ts";
import { apk } from "./apk.ts";
import { dpkg } from "./dpkg.ts";
import { pep440 } from "./pep440.ts";
import { semver } from "./semver.ts";

/** Every version scheme, by id. */
export const versionSchemes: readonly VersionScheme<unknown>[] = [apk, dpkg, pep440, semver];
