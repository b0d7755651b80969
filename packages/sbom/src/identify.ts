import { digestHex, digestOf, type LayerInfo, type Package, type PackageLocation, parsePurl } from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "./cataloger.ts";
import { defined } from "./defined.ts";
import { byTexts } from "./order.ts";

/** A package together with the cataloger that found it. */
export interface Finding {
  readonly found: FoundPackage;
  readonly cataloger: Cataloger<unknown>;
  /** Set where only hidden files show it: the layer that has them, and the one that hides them. */
  readonly past?: { readonly layer: number; readonly hiddenBy: number };
}

/** A package of the inventory and what its cataloger said of its relations. */
export interface IdentifiedPackage {
  readonly entry: Package;
  readonly found: FoundPackage;
  /** Whether a layer has it that is hidden in the final image. */
  readonly past: boolean;
}

/** Where the files of an image came from. */
export interface Places {
  readonly root: Pick<RootFilesystem, "layerOf">;
  readonly layers: readonly LayerInfo[];
  /** The layer that brought a package whose evidence lies in the given layer. */
  introduced(finding: Finding, evidenceLayer: number): number;
}

/**
 * The packages in the order of the inventory, each with its id: the purl; where several copies share one, all but the
 * first by path have a mark made of their path behind it, those that are hidden, and those that yield, after the others. The
 * same record found twice in one file is one package.
 */
export function identifyPackages(findings: readonly Finding[], places: Places): IdentifiedPackage[] {
  const sorted = findings
    .map((finding) => ({ finding, key: [precedence(finding), ...sortKey(finding.found)] }))
    .toSorted((left, right) => byTexts(left.key, right.key));
  const ids = new Set<string>();
  const records = new Set<string>();
  const packages: IdentifiedPackage[] = [];
  for (const { finding } of sorted) {
    const { found } = finding;
    const path = found.paths[0] ?? "";
    const record = `${found.purl}\n${path}`;
    if (records.has(record)) continue;
    records.add(record);
    const id = ids.has(found.purl) ? `${found.purl}#${digestHex(digestOf(path)).slice(0, 16)}` : found.purl;
    if (ids.has(id)) continue;
    ids.add(id);
    const past = finding.past !== undefined;
    packages.push({ found, past, entry: past ? pastEntryOf(finding, id, places) : entryOf(finding, id, places) });
  }
  if (sorted.every(({ key }) => key[0] === "0")) return packages;
  return packages.toSorted((left, right) => byTexts(sortKey(left.found), sortKey(right.found)));
}

/** Who has the plain purl as id where several share one: what yields may be left out, and what is past is not there. */
function precedence({ past, cataloger }: Finding): string {
  if (past !== undefined) return "2";
  return cataloger.yieldsToOwner === true ? "1" : "0";
}

function sortKey(found: FoundPackage): readonly string[] {
  return [found.type, found.name, found.version, found.paths[0] ?? "", found.purl];
}

function entryOf(finding: Finding, id: string, places: Places): Package {
  const { found, cataloger } = finding;
  const {
    paths,
    dependsOn: _names,
    dependsOnPaths: _paths,
    lists: _lists,
    provides: _provides,
    folder: _folder,
    folderVersions: _versions,
    ...facts
  } = found;
  const architecture = found.architecture ?? architectureIn(found.purl);
  return {
    ...facts,
    ...(architecture === undefined ? {} : { architecture }),
    id,
    cataloger: cataloger.id,
    evidence: cataloger.evidence,
    locations: paths.map((path, index) => {
      const layer = places.root.layerOf(path);
      return locationIn(path, {
        layers: places.layers,
        index: layer !== undefined && index === 0 ? places.introduced(finding, layer) : layer,
      });
    }),
  };
}

// Notes and documents may say it in the purl alone, as every document that is written from the inventory does.
function architectureIn(purl: string): string | undefined {
  return purl.includes("arch=") ? parsePurl(purl).qualifiers?.["arch"] : undefined;
}

/** A package that is not in the image says so, and which layer took it away. */
function pastEntryOf(finding: Finding, id: string, places: Places): Package {
  const entry = entryOf(finding, id, places);
  const { layer, hiddenBy } = finding.past ?? {};
  const { layers, root } = places;
  return {
    ...entry,
    locations: finding.found.paths.map((path, at) =>
      locationIn(path, { layers, index: at === 0 ? layer : (root.layerOf(path) ?? layer) }),
    ),
    properties: { ...entry.properties, "layer:state": "hidden", "layer:hidden-by": String(hiddenBy) },
  };
}

/** A place in a layer of the image; in none where that is not known. */
function locationIn(
  path: string,
  { layers, index }: { readonly layers: readonly LayerInfo[]; readonly index: number | undefined },
): PackageLocation {
  const layer = index === undefined ? undefined : layers[index];
  if (layer === undefined) return { path };
  return defined<PackageLocation>({ path, layer: layer.digest, diffId: layer.diffId, layerIndex: index });
}
