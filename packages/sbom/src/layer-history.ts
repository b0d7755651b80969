import type { Distribution, LayerInfo, Problem } from "@sc/model";
import type { HiddenFact, RootFilesystem } from "@sc/rootfs";
import type { CatalogContext, Cataloger, FoundPackage } from "./cataloger.ts";
import type { Finding } from "./identify.ts";
import { limits } from "./limits.ts";
import { runCataloger } from "./run-cataloger.ts";

/** A package that a hidden file shows: an older content of a database, or a file that is gone. */
export interface PastPackage {
  readonly found: FoundPackage;
  readonly cataloger: Cataloger<unknown>;
  /** The layer of the hidden file, counted from the bottom. */
  readonly layer: number;
  /** The layer that replaced the file or took it away. */
  readonly hiddenBy: number;
}

/** What the layers say that the final image does not. */
export interface LayerHistory {
  /** In the order of catalogers and then of layers. */
  readonly packages: readonly PastPackage[];
  /** By cataloger and path, for each layer with a content that is hidden: the purls it shows. Oldest layer first. */
  readonly contents: ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<string>>>;
  /** What is wrong in hidden files. */
  readonly problems: readonly Problem[];
  /** Set when there was more than is looked at. */
  readonly truncated: boolean;
}

/** What the history is read from. */
export interface HistorySource {
  readonly catalogers: readonly Cataloger<unknown>[];
  readonly root: Pick<RootFilesystem, "facts" | "hiddenFacts" | "hiddenProblems" | "resolve">;
  readonly layers: readonly LayerInfo[];
  readonly distribution: Distribution | undefined;
}

/**
 * The packages that hidden files show, each layer's by itself: what a database said when a layer was written lists the
 * packages of then. For databases of the operating system facts of the final image stand in where the layer has none
 * of that path, as the list of files does beside a database that is gone.
 */
export function readHistory(source: HistorySource): LayerHistory {
  const { catalogers, root } = source;
  const gathered: Gathered = { packages: [], contents: new Map(), problems: [...root.hiddenProblems] };
  let budget: number = limits.maxHistoryFacts;
  for (const cataloger of catalogers) {
    const hidden = root.hiddenFacts(cataloger.id);
    const versions = layersByPath(hidden);
    for (const [layer, facts] of byLayer(hidden)) {
      const present = cataloger.database === true ? root.facts(cataloger.id) : undefined;
      budget -= facts.size + (present?.size ?? 0);
      if (budget < 0) return { ...gathered, truncated: true };
      readLayer({ cataloger, layer, facts, present, versions }, source, gathered);
    }
  }
  return { ...gathered, truncated: false };
}

interface Gathered {
  readonly packages: PastPackage[];
  readonly contents: Map<string, Map<number, Set<string>>>;
  readonly problems: Problem[];
}

interface PastLayer {
  readonly cataloger: Cataloger<unknown>;
  readonly layer: number;
  /** What is hidden of the layer, by path. */
  readonly facts: ReadonlyMap<string, HiddenFact>;
  readonly present: ReadonlyMap<string, unknown> | undefined;
  readonly versions: ReadonlyMap<string, readonly number[]>;
}

/** Adds what one cataloger makes of the hidden files of one layer. */
function readLayer(
  { cataloger, layer, facts, present, versions }: PastLayer,
  { root, layers, distribution }: HistorySource,
  { packages, contents, problems }: Gathered,
): void {
  const context: CatalogContext = { distribution, resolve: (path) => (facts.has(path) ? path : root.resolve(path)) };
  const run = runCataloger(cataloger, valuesOf(facts, present), context);
  const purls = new Map<string, Set<string>>([...facts.keys()].map((path) => [path, new Set()]));
  for (const found of run.packages) {
    const fact = facts.get(found.paths[0] ?? "");
    if (fact === undefined) continue;
    purls.get(fact.path)?.add(found.purl);
    packages.push({ found, cataloger, layer, hiddenBy: hiddenFirst(fact, versions) });
  }
  for (const [path, shown] of purls) {
    const key = keyOf(cataloger, path);
    contents.set(key, (contents.get(key) ?? new Map<number, Set<string>>()).set(layer, shown));
  }
  const digest = layers[layer]?.digest;
  for (const problem of run.problems) {
    if (problem.path === undefined || !facts.has(problem.path)) continue;
    problems.push(digest === undefined ? problem : { ...problem, layer: digest });
  }
}

function byLayer(hidden: readonly HiddenFact[]): ReadonlyMap<number, ReadonlyMap<string, HiddenFact>> {
  const layers = new Map<number, Map<string, HiddenFact>>();
  for (const fact of hidden) {
    const known = layers.get(fact.layer);
    if (known === undefined) layers.set(fact.layer, new Map([[fact.path, fact]]));
    else known.set(fact.path, fact);
  }
  return layers;
}

function valuesOf(
  facts: ReadonlyMap<string, HiddenFact>,
  present: ReadonlyMap<string, unknown> | undefined,
): ReadonlyMap<string, unknown> {
  const values = new Map(present);
  for (const [path, { value }] of facts) values.set(path, value);
  return values;
}

/** The layers that have a hidden file at a path, oldest first. */
function layersByPath(hidden: readonly HiddenFact[]): ReadonlyMap<string, readonly number[]> {
  const layers = new Map<string, number[]>();
  for (const { path, layer } of hidden) {
    const known = layers.get(path);
    if (known === undefined) layers.set(path, [layer]);
    else known.push(layer);
  }
  return layers;
}

/** The overlay knows the last layer that hid what was at a path; the next content of the path came before. */
function hiddenFirst({ path, layer, hiddenBy }: HiddenFact, versions: ReadonlyMap<string, readonly number[]>): number {
  return versions.get(path)?.find((other) => other > layer) ?? hiddenBy;
}

/**
 * The layer that a package which is in the image came with: the first since which every content of its evidence has
 * shown it, as package managers write their whole database again when anything changes.
 */
export function introducedIn({ contents }: LayerHistory, { found, cataloger }: Finding, evidenceLayer: number): number {
  let first = evidenceLayer;
  for (const [layer, purls] of [...(contents.get(keyOf(cataloger, found.paths[0])) ?? [])].toReversed()) {
    if (layer >= first) continue;
    if (!purls.has(found.purl)) break;
    first = layer;
  }
  return first;
}

/** Each package that only hidden files show, once: the first layer that has it, and the last that hid it. */
export function pastFindings({ packages }: LayerHistory): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { found, cataloger, layer, hiddenBy } of packages) {
    const key = `${keyOf(cataloger, found.paths[0])}\n${found.purl}`;
    const known = findings.get(key);
    const past = { layer: known?.past?.layer ?? layer, hiddenBy: Math.max(known?.past?.hiddenBy ?? 0, hiddenBy) };
    findings.set(key, { found: known?.found ?? found, cataloger, past });
  }
  return [...findings.values()];
}

function keyOf({ id }: Cataloger<unknown>, path = ""): string {
  return `${id}\n${path}`;
}
