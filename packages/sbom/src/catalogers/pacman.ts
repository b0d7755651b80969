import type { Problem, SourcePackage } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage, CatalogContext } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { osPurl } from "../read/os-purl.ts";
import { PathBudget } from "../read/path-budget.ts";
import { remains, unrecorded } from "../read/unrecorded.ts";
import { malformed, tooLarge, tooManyLines } from "../read/too-large.ts";
import { isName, isSystemName, isVersion, quote, shortText } from "../read/token.ts";
import { firstOf, hasRoom } from "../read/cuts.ts";

/** What one file of a package of the local database says: the values of its fields. */
export type PacmanFacts =
  | { readonly kind: "package"; readonly fields: Readonly<Record<string, readonly string[]>> }
  | { readonly kind: "files"; readonly files: readonly string[] };

/**
 * Packages of Arch Linux and its kin.
 *
 * @see https://man.archlinux.org/man/libalpm.3
 */
export const pacman: Cataloger<PacmanFacts> = {
  id: "pacman",
  version: 1,
  evidence: "installed",
  database: true,
  among: { names: ["desc", "files"] },
  wants: ({ path }) => isLocal(path) && (path.endsWith("/desc") || path.endsWith("/files")),
  read: (file) => tooLarge(file, limits.maxDatabaseBytes) ?? readFields(file),
  *catalog(found, context) {
    for (const [path, facts] of found) {
      if (facts.kind === "package") yield packageOf(facts.fields, { path, found, context });
    }
    yield* unrecordedProblems(found, context);
  },
};

/** Lists of files without the record beside them, though the files are there: somebody took the record away. */
function* unrecordedProblems(found: ReadonlyMap<string, PacmanFacts>, context: CatalogContext): Generator<Problem> {
  const unknown = new Map<string, Set<string>>();
  for (const [path, facts] of found) {
    if (facts.kind !== "files") continue;
    const folder = path.slice(0, -"/files".length);
    const local = folder.lastIndexOf("/");
    const root = folder.slice(0, local - "var/lib/pacman/local".length);
    if (context.resolve(`${folder}/desc`) !== undefined) continue;
    if (!remains(facts.files, (file) => context.resolve(root + file))) continue;
    const names = unknown.get(folder.slice(0, local)) ?? new Set();
    unknown.set(folder.slice(0, local), names.add(folder.slice(local + 1)));
  }
  for (const [path, names] of unknown) yield unrecorded(path, names);
}

function isLocal(path: string): boolean {
  return path.startsWith("var/lib/pacman/local/") || path.includes("/var/lib/pacman/local/");
}

/** Lines of a name between percent signs, the values below it, and an empty line. */
function readFields(file: CapturedFile): PacmanFacts | Problem {
  const fields = new Map<string, string[]>();
  let values: string[] = [];
  const content = file.text(limits.maxDatabaseBytes);
  const tooMany = tooManyLines(file, content);
  if (tooMany !== undefined) return tooMany;
  for (const line of content.split("\n")) {
    const text = line.trim();
    const name = /^%([A-Z0-9]{1,40})%$/.exec(text)?.[1];
    if (name !== undefined && hasRoom(fields.size, limits.maxFields, "fields")) {
      values = fields.get(name) ?? [];
      fields.set(name, values);
    } else if (text !== "") values.push(text);
  }
  if (file.path.endsWith("/files")) {
    const paths = new PathBudget();
    const files = (fields.get("FILES") ?? []).filter((path) => !path.endsWith("/") && paths.take(path));
    return { kind: "files", files: files.toSorted() };
  }
  const name = fields.get("NAME")?.[0];
  const version = fields.get("VERSION")?.[0];
  if (!isSystemName(name?.replace(/^@/, "")) || !isVersion(version)) {
    return {
      ...malformed(file, `the package ${quote(name)} has no valid name or version: ${quote(version)}`),
      incomplete: true,
    };
  }
  const kept = keptFields.map(
    (field) => [field, firstOf(fields.get(field) ?? [], limits.maxNames, `values of ${field}`)] as const,
  );
  return { kind: "package", fields: Object.fromEntries(kept) };
}

const keptFields = [
  "NAME",
  "VERSION",
  "BASE",
  "DESC",
  "URL",
  "ARCH",
  "PACKAGER",
  "LICENSE",
  "DEPENDS",
  "PROVIDES",
] as const;

interface Surroundings {
  readonly path: string;
  readonly found: ReadonlyMap<string, PacmanFacts>;
  readonly context: CatalogContext;
}

function packageOf(
  fields: Readonly<Record<string, readonly string[]>>,
  { path, found, context }: Surroundings,
): FoundPackage {
  const text = (field: string): string | undefined => shortText(fields[field]?.[0]);
  const name = text("NAME") ?? "";
  const version = text("VERSION") ?? "";
  const base = text("BASE");
  const architecture = text("ARCH");
  const upstream = base === name ? undefined : base;
  const filesPath = `${path.slice(0, path.lastIndexOf("/"))}/files`;
  const list = found.get(filesPath);
  return defined<FoundPackage>({
    kind: "package",
    type: "alpm",
    name,
    version,
    purl: osPurl({ type: "alpm", name, version, architecture, upstream }, context.distribution),
    paths: list === undefined ? [path] : [path, filesPath],
    licenses: readLicenses(fields["LICENSE"] ?? []),
    source: defined<SourcePackage>({ name: base ?? name }),
    origin: "distribution",
    architecture,
    supplier: text("PACKAGER"),
    description: text("DESC"),
    homepage: text("URL"),
    files: list?.kind === "files" ? list.files : undefined,
    dependsOn: namesOf(fields["DEPENDS"]),
    provides: namesOf(fields["PROVIDES"]),
  });
}

/** Names without the versions that are wanted of them. */
function namesOf(values: readonly string[] = []): string[] {
  return values.map((value) => value.split(/[<>=:]/, 1)[0] ?? "").filter(isName);
}
