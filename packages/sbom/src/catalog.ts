import {
  type Distribution,
  type Inventory,
  type InventorySubject,
  type LayerInfo,
  type Problem,
  type Relationship,
} from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import type { Cataloger } from "./cataloger.ts";
import { defined } from "./defined.ts";
import { evasionProblems } from "./evasion.ts";
import { type Finding, identifyPackages } from "./identify.ts";
import { yieldedIds } from "./yield.ts";
import { joinCopies } from "./join.ts";
import { introducedIn, pastFindings, readHistory } from "./layer-history.ts";
import { byTexts } from "./order.ts";
import { relateOwners } from "./own.ts";
import { relateDependencies } from "./relate.ts";
import { runCataloger } from "./run-cataloger.ts";
import { vanishedProblems } from "./vanished.ts";

/** What an inventory is made from, once every layer has been walked. */
export interface CatalogInput {
  readonly subject: InventorySubject;
  readonly layers: readonly LayerInfo[];
  /** In order: the one that tells the distribution before those whose purls name it. */
  readonly catalogers: readonly Cataloger<unknown>[];
  readonly root: RootFilesystem;
  /** Whether packages that only hidden files of layers show are listed too. */
  readonly allLayers?: boolean;
}

/** The inventory that the facts of a root file system make. Pure: the same facts give the same inventory. */
export function catalogInventory({ subject, layers, catalogers, root, allLayers = false }: CatalogInput): Inventory {
  const found = runCatalogers(catalogers, root);
  const history = readHistory({ catalogers, root, layers, distribution: found.distribution });
  const all = identifyPackages([...found.findings, ...(allLayers ? pastFindings(history) : [])], {
    root,
    layers,
    introduced: (finding, layer) => introducedIn(history, finding, layer),
  });
  const inImage = all.filter(({ past }) => !past);
  const hidden = all.filter(({ past }) => past);
  const yieldingCatalogers = new Set(
    catalogers.filter((one) => one.yieldsToOwner === true && one.database !== true).map(({ id }) => id),
  );
  const owners = [inImage, hidden].flatMap((some) => relateOwners(some, root, yieldingCatalogers));
  const yielding = new Set([inImage, hidden].flatMap((some) => yieldedIds(some, owners, catalogers)));
  const joining = new Set(catalogers.filter((one) => one.joinsCopies === true).map(({ id }) => id));
  const kept = joinCopies(
    inImage.filter(({ entry }) => !yielding.has(entry.id)),
    owners,
    joining,
  );
  const present = kept.packages;
  const isGone = (id: string): boolean => yielding.has(id) || kept.joined.has(id);
  const entries = new Map(present.map(({ entry }) => [entry.id, entry]));
  const packages = present.map((one) => one.entry);
  const dependencies = relateDependencies(present);
  const problems = [
    ...root.problems,
    ...found.problems.map((problem) => withLayer(problem, root, layers)),
    ...(allLayers ? history.problems : []),
    ...evasionProblems(
      found.distribution,
      packages.filter(({ cataloger }) => !yieldingCatalogers.has(cataloger)),
    ),
    ...vanishedProblems({ history, present, layers, root }),
    ...(history.truncated ? [tooMuchHistory] : []),
    ...(dependencies.truncated ? [tooManyEdges] : []),
  ];
  return defined<Inventory>({
    subject,
    distribution: found.distribution,
    layers,
    packages: all.map(({ entry }) => entries.get(entry.id) ?? entry).filter(({ id }) => !isGone(id)),
    relationships: [...dependencies.relationships, ...owners.filter(({ from }) => !isGone(from))].toSorted(byEnds),
    problems,
    incomplete: problems.some((problem) => problem.incomplete === true),
    catalogers: catalogers.map((cataloger) => cataloger.id),
  });
}

const tooManyEdges: Problem = {
  kind: "problem",
  code: "TOO_MANY_EDGES",
  message: "the packages depend on each other in more ways than are kept; some edges are missing",
  incomplete: true,
};

const tooMuchHistory: Problem = {
  kind: "problem",
  code: "TOO_MUCH_HISTORY",
  message: "the layers replace more files than are compared; what older layers show is not known in full",
  incomplete: true,
};

function byEnds(left: Relationship, right: Relationship): number {
  return byTexts([left.from, left.type, left.to], [right.from, right.type, right.to]);
}

interface Found {
  distribution: Distribution | undefined;
  readonly findings: Finding[];
  readonly problems: Problem[];
}

function runCatalogers(catalogers: readonly Cataloger<unknown>[], root: RootFilesystem): Found {
  const found: Found = { distribution: undefined, findings: [], problems: [] };
  for (const cataloger of catalogers) {
    const facts = root.facts(cataloger.id);
    if (facts.size === 0) continue;
    const { distribution } = found;
    const run = runCataloger(cataloger, facts, { distribution, resolve: (path) => root.resolve(path) });
    found.distribution ??= run.distribution;
    for (const one of run.packages) found.findings.push({ found: one, cataloger });
    for (const problem of run.problems) found.problems.push(problem);
  }
  return found;
}

function withLayer(problem: Problem, root: RootFilesystem, layers: readonly LayerInfo[]): Problem {
  const index = problem.path === undefined ? undefined : root.layerOf(problem.path);
  const layer = index === undefined ? undefined : layers[index];
  return layer === undefined || problem.layer !== undefined ? problem : { ...problem, layer: layer.digest };
}
