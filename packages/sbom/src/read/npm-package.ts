import { formatPurl } from "@sc/model";
import type { FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { integrityHashes } from "./integrity.ts";
import type { NpmManifest } from "./npm-manifest.ts";

/** What is known of an installed npm package besides its manifest. */
export interface NpmSurroundings {
  readonly paths: readonly string[];
  /** Where it was downloaded from, and its subresource integrity. */
  readonly resolved?: string | undefined;
  readonly integrity?: string | undefined;
  /** The package that it is shipped inside of. */
  readonly bundledBy?: NpmManifest | undefined;
  readonly dependsOnPaths: readonly string[];
}

/** An installed npm package. */
export function npmPackage(manifest: NpmManifest, surroundings: NpmSurroundings): FoundPackage {
  const { name, version } = manifest;
  const { paths, resolved, integrity, bundledBy, dependsOnPaths } = surroundings;
  const slash = name.indexOf("/");
  const namespace = slash === -1 ? undefined : name.slice(0, slash);
  const hashes = integrityHashes(integrity);
  return defined<FoundPackage>({
    kind: "package",
    type: "npm",
    name,
    version,
    purl: formatPurl({ type: "npm", namespace, name: name.slice(slash + 1), version }),
    paths,
    licenses: readLicenses(manifest.licenses),
    supplier: manifest.author,
    description: manifest.description,
    homepage: manifest.homepage,
    downloadLocation: resolved,
    hashes: hashes.length === 0 ? undefined : hashes,
    properties: someProperties({
      "npm:bundled-by": bundledBy === undefined ? undefined : `${bundledBy.name}@${bundledBy.version}`,
      "npm:private": manifest.private === true ? "true" : undefined,
      "npm:repository": manifest.repository,
    }),
    dependsOnPaths,
  });
}
