import {
  type Distribution,
  type Inventory,
  type InventorySubject,
  isScError,
  type LayerInfo,
  type Problem,
  type Relationship,
} from "@sc/model";
import type { RootFilesystem } from "@sc/rootfs";
import type { CatalogContext, Cataloger } from "./cataloger.ts";
import { defined } from "./defined.ts";
import { evasionProblems } from "./evasion.ts";
import { type Finding, type IdentifiedPackage, identifyPackages } from "./identify.ts";
import { byTexts } from "./order.ts";
import { relateOwners } from "./own.ts";
import { relateDependencies } from "./relate.ts";

/** What an inventory is made from, once every layer has been walked. */
export interface CatalogInput {
  readonly subject: InventorySubject;
  readonly layers: readonly LayerInfo[];
  /** In order: the one that tells the distribution before those whose purls name it. */
  readonly catalogers: readonly Cataloger<unknown>[];
  readonly root: Pick<RootFilesystem, "facts" | "layerOf" | "problems" | "resolve">;
}

/** The inventory that the facts of a root file system make. Pure: the same facts give the same inventory. */
export function catalogInventory({ subject, layers, catalogers, root }: CatalogInput): Inventory {
  const found = runCatalogers(catalogers, root);
  const all = identifyPackages(found.findings, { root, layers });
  const owners = relateOwners(all, root);
  const yielding = yieldedIds(all, { owners, catalogers });
  const identified = all.filter(({ entry }) => !yielding.has(entry.id));
  const packages = identified.map((one) => one.entry);
  const dependencies = relateDependencies(identified);
  const problems = [
    ...root.problems,
    ...found.problems.map((problem) => withLayer(problem, root, layers)),
    ...evasionProblems(found.distribution, packages),
    ...(dependencies.truncated ? [tooManyEdges] : []),
  ];
  return defined<Inventory>({
    subject,
    distribution: found.distribution,
    layers,
    packages,
    relationships: [...dependencies.relationships, ...owners.filter(({ from }) => !yielding.has(from))].toSorted(
      byEnds,
    ),
    problems,
    incomplete: problems.some((problem) => problem.incomplete === true),
    catalogers: catalogers.map((cataloger) => cataloger.id),
  });
}

interface Ownership {
  readonly owners: readonly Relationship[];
  readonly catalogers: readonly Cataloger<unknown>[];
}

/** Packages that are owned by another and that their cataloger has only found a second time. */
function yieldedIds(all: readonly IdentifiedPackage[], { owners, catalogers }: Ownership): ReadonlySet<string> {
  const ids = new Set(catalogers.filter(({ yieldsToOwner }) => yieldsToOwner === true).map(({ id }) => id));
  const owned = new Set(owners.map(({ from }) => from));
  const yielding = all.filter(({ entry }) => owned.has(entry.id) && ids.has(entry.cataloger));
  return new Set(yielding.map(({ entry }) => entry.id));
}

const tooManyEdges: Problem = {
  kind: "problem",
  code: "TOO_MANY_EDGES",
  message: "the packages depend on each other in more ways than are kept; some edges are missing",
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

function runCatalogers(catalogers: readonly Cataloger<unknown>[], root: CatalogInput["root"]): Found {
  const found: Found = { distribution: undefined, findings: [], problems: [] };
  for (const cataloger of catalogers) {
    const facts = root.facts(cataloger.id);
    if (facts.size === 0) continue;
    try {
      runCataloger(cataloger, { facts, root, found });
    } catch (error) {
      // Our own typed errors come from what the image says (a name no purl can be made of), all others from us.
      if (!isScError(error)) throw error;
      const message = `the cataloger ${cataloger.id} stopped: ${error.message}`;
      const { id } = cataloger;
      found.problems.push({ kind: "problem", code: "CATALOGER_FAILED", message, cataloger: id, incomplete: true });
    }
  }
  return found;
}

interface Run {
  readonly facts: ReadonlyMap<string, unknown>;
  readonly root: CatalogInput["root"];
  readonly found: Found;
}

function runCataloger(cataloger: Cataloger<unknown>, { facts, root, found }: Run): void {
  const context: CatalogContext = { distribution: found.distribution, resolve: (path) => root.resolve(path) };
  for (const result of cataloger.catalog(facts, context)) {
    switch (result.kind) {
      case "package":
        found.findings.push({ found: result, cataloger });
        break;
      case "distribution":
        found.distribution ??= result;
        break;
      case "problem":
        found.problems.push({ ...result, cataloger: cataloger.id });
        break;
    }
  }
}

function withLayer(problem: Problem, root: CatalogInput["root"], layers: readonly LayerInfo[]): Problem {
  const index = problem.path === undefined ? undefined : root.layerOf(problem.path);
  const layer = index === undefined ? undefined : layers[index];
  return layer === undefined || problem.layer !== undefined ? problem : { ...problem, layer: layer.digest };
}
