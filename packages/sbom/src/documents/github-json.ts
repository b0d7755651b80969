import type { Inventory, JsonObject, Package } from "@sc/model";
import { documentTime } from "../document-identity.ts";
import type { DocumentBuild, DocumentFormat } from "../document.ts";
import { defined } from "../defined.ts";
import { encodeJsonDocument } from "../json-document.ts";

/**
 * A snapshot for GitHub's dependency submission. It has `job`, `sha` and `ref`, which the
 * service demands, where the build is known and says them; else the caller adds them.
 *
 * @see https://docs.github.com/en/rest/dependency-graph/dependency-submission
 */
export const githubJson: DocumentFormat = {
  id: "github-json",
  title: "GitHub dependency snapshot",
  mediaType: "application/json",
  fileExtension: ".github.json",
  write(inventory, options = {}) {
    const { tool = { name: "sc", version: "0" }, build } = options;
    return encodeJsonDocument({
      version: 0,
      job: jobOf(inventory, build),
      sha: build?.commit,
      ref: build?.ref,
      detector: { ...tool },
      scanned: documentTime(inventory, options) ?? "1970-01-01T00:00:00Z",
      manifests: { members: manifestsOf(inventory) },
    });
  },
};

/** The service keeps one snapshot of each correlator, the newest: one of each image. */
function jobOf({ subject }: Inventory, build: DocumentBuild | undefined): JsonObject | undefined {
  if (build?.buildId === undefined) return undefined;
  const correlator = `${build.platform} ${subject.repository ?? subject.name}`;
  return defined<JsonObject>({ id: build.buildId, correlator, html_url: build.buildUrl });
}

/** One manifest for each file that is evidence, as the service shows packages by file. */
function* manifestsOf({ subject, packages, relationships }: Inventory): Generator<[string, JsonObject]> {
  const purls = new Map(packages.map(({ id, purl }) => [id, purl]));
  const needs = new Map<string, string[]>();
  const needed = new Set<string>();
  for (const { from, to, type } of relationships) {
    const purl = purls.get(to);
    if (type !== "depends-on" || purl === undefined) continue;
    needed.add(to);
    const known = needs.get(from);
    if (known === undefined) needs.set(from, [purl]);
    else known.push(purl);
  }
  const byFile = Map.groupBy(packages, ({ locations }) => locations[0]?.path ?? "");
  const names = [...byFile.keys()].toSorted();
  for (const path of names) {
    const name = path === "" ? subject.name : `${subject.name}:/${path}`;
    const resolved = (byFile.get(path) ?? []).map((entry) => [
      entry.purl,
      dependencyOf(entry, { needs, direct: !needed.has(entry.id) }),
    ]);
    yield [name, { name, file: { source_location: path }, resolved: Object.fromEntries(resolved) }];
  }
}

function dependencyOf(
  { id, purl }: Package,
  { needs, direct }: { readonly needs: ReadonlyMap<string, readonly string[]>; readonly direct: boolean },
): JsonObject {
  return defined<JsonObject>({
    package_url: purl,
    relationship: direct ? "direct" : "indirect",
    scope: "runtime",
    dependencies: needs.get(id),
  });
}
