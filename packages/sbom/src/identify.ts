import { digestHex, digestOf, type LayerInfo, type Package, type PackageLocation } from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "./cataloger.ts";
import { defined } from "./defined.ts";
import { byTexts } from "./order.ts";

/** A package together with the cataloger that found it. */
export interface Finding {
  readonly found: FoundPackage;
  readonly cataloger: Cataloger<unknown>;
}

/** A package of the inventory and what its cataloger said of its relations. */
export interface IdentifiedPackage {
  readonly entry: Package;
  readonly found: FoundPackage;
}

/** Where the files of an image came from. */
export interface Places {
  readonly root: Pick<RootFilesystem, "layerOf">;
  readonly layers: readonly LayerInfo[];
}

/**
 * The packages in the order of the inventory, each with its id: the purl; where several copies share one, all but the
 * first by path have a mark made of their path behind it. The same record found twice in one file is one package.
 */
export function identifyPackages(findings: readonly Finding[], places: Places): IdentifiedPackage[] {
  const sorted = findings
    .map((finding) => ({ finding, key: sortKey(finding.found) }))
    .toSorted((left, right) => byTexts(left.key, right.key));
  const ids = new Set<string>();
  const records = new Set<string>();
  const packages: IdentifiedPackage[] = [];
  for (const { finding } of sorted) {
    const { found, cataloger } = finding;
    const path = found.paths[0] ?? "";
    const record = `${found.purl}\n${path}`;
    if (records.has(record)) continue;
    records.add(record);
    const id = ids.has(found.purl) ? `${found.purl}#${digestHex(digestOf(path)).slice(0, 16)}` : found.purl;
    if (ids.has(id)) continue;
    ids.add(id);
    packages.push({ found, entry: entryOf(found, { id, cataloger, places }) });
  }
  return packages;
}

function sortKey(found: FoundPackage): readonly string[] {
  return [found.type, found.name, found.version, found.paths[0] ?? "", found.purl];
}

interface Identity {
  readonly id: string;
  readonly cataloger: Cataloger<unknown>;
  readonly places: Places;
}

function entryOf(found: FoundPackage, { id, cataloger, places }: Identity): Package {
  const { paths, dependsOn: _names, dependsOnPaths: _paths, provides: _provides, ...facts } = found;
  return {
    ...facts,
    id,
    cataloger: cataloger.id,
    evidence: cataloger.evidence,
    locations: paths.map((path) => locationOf(path, places)),
  };
}

function locationOf(path: string, { root, layers }: Places): PackageLocation {
  const layerIndex = root.layerOf(path);
  const layer = layerIndex === undefined ? undefined : layers[layerIndex];
  if (layer === undefined) return { path };
  return defined<PackageLocation>({ path, layer: layer.digest, diffId: layer.diffId, layerIndex });
}
