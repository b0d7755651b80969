import { type License, type SourcePackage, type Distribution, type Problem } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicense } from "../license.ts";
import { limits } from "../limits.ts";
import { type DpkgRecord, type DpkgStatus, parseDpkgStatus } from "../read/dpkg-status.ts";
import type { CapturedFile } from "@sc/rootfs";
import { faultProblems } from "../read/faults.ts";
import { osPurl } from "../read/os-purl.ts";
import { PathBudget } from "../read/path-budget.ts";
import { parseStanzas } from "../read/stanza.ts";
import { tooLarge, tooManyLines } from "../read/too-large.ts";
import { shortText } from "../read/token.ts";

/** What one file of opkg's database says. */
export type OpkgFacts =
  | { readonly kind: "status"; readonly status: DpkgStatus }
  | { readonly kind: "control"; readonly status: DpkgStatus; readonly license?: string }
  | { readonly kind: "files"; readonly files: readonly string[] };

/**
 * Packages of OpenWrt before 24.10 and of Yocto.
 *
 * @see https://git.yoctoproject.org/opkg/
 */
export const opkg: Cataloger<OpkgFacts> = {
  id: "opkg",
  version: 2,
  evidence: "installed",
  database: true,
  among: { names: ["status"], extensions: ["control", "list"] },
  wants: ({ path }) => placeOf(path) !== undefined,
  read: (file) => {
    const place = placeOf(file.path);
    if (place === undefined) return undefined;
    return tooLarge(file, limits.maxDatabaseBytes) ?? readFacts(file, place.kind);
  },
  *catalog(found, { distribution }) {
    const seen = new Set<string>();
    // A package's own file counts where the status does not name it.
    for (const [path, facts] of [...found].toSorted(byKind)) {
      if (facts.kind === "files") continue;
      yield* faultProblems(path, facts.status.faults);
      const root = placeOf(path)?.root ?? "";
      for (const record of facts.status.packages) {
        const key = `${root}\n${record.name}`;
        if (!seen.has(key)) yield packageOf(record, { path, root, found, distribution });
        seen.add(key);
      }
    }
  },
};

function byKind([, left]: readonly [string, OpkgFacts], [, right]: readonly [string, OpkgFacts]): number {
  return Number(right.kind === "status") - Number(left.kind === "status");
}

interface Place {
  /** The folder of the database, with its slash. */
  readonly root: string;
  readonly kind: "status" | "control" | "files";
}

function placeOf(path: string): Place | undefined {
  const at = path.lastIndexOf("lib/opkg/");
  if (at === -1 || (at > 0 && path[at - 1] !== "/")) return undefined;
  const root = path.slice(0, at + "lib/opkg/".length);
  const rest = path.slice(root.length);
  if (rest === "status") return { root, kind: "status" };
  if (!rest.startsWith("info/")) return undefined;
  if (rest.endsWith(".control")) return { root, kind: "control" };
  return rest.endsWith(".list") ? { root, kind: "files" } : undefined;
}

function readFacts(file: CapturedFile, kind: Place["kind"]): OpkgFacts | Problem {
  const text = file.text(limits.maxDatabaseBytes);
  if (kind === "status") return { kind, status: parseDpkgStatus(text) };
  if (kind === "control") {
    const [stanza] = parseStanzas(text);
    const license = shortText(stanza?.fields.get("license"));
    return defined<OpkgFacts>({ kind, status: parseDpkgStatus(text), license });
  }
  const tooMany = tooManyLines(file, text);
  if (tooMany !== undefined) return tooMany;
  const paths = new PathBudget();
  // Yocto's lists have a mode and a link behind the path, after tabs.
  const lines = text.split("\n").map((line) => line.split("\t", 1)[0] ?? "");
  const files = lines.filter((line) => line.startsWith("/") && paths.take(line)).map((line) => line.slice(1));
  return { kind, files: files.toSorted() };
}

interface Surroundings {
  readonly path: string;
  readonly root: string;
  readonly found: ReadonlyMap<string, OpkgFacts>;
  readonly distribution: Distribution | undefined;
}

function packageOf(record: DpkgRecord, { path, root, found, distribution }: Surroundings): FoundPackage {
  const { name, version, architecture } = record;
  const beside = (ending: string): string => `${root}info/${name}.${ending}`;
  const control = found.get(beside("control"));
  const list = found.get(beside("list"));
  const confirming = [beside("control"), beside("list")].filter((place) => found.has(place) && place !== path);
  return defined<FoundPackage>({
    kind: "package",
    type: "opkg",
    name,
    version,
    purl: osPurl({ type: "opkg", name, version, architecture }, distribution),
    paths: [path, ...confirming],
    licenses: control?.kind === "control" ? licensesOf(control.license) : [],
    // OpenWrt's Source is a path in its build tree.
    source: defined<SourcePackage>({ name: record.source ?? name, version: record.sourceVersion }),
    origin: "distribution",
    architecture,
    supplier: record.maintainer,
    description: record.description,
    homepage: record.homepage,
    files: list?.kind === "files" ? list.files : undefined,
    properties: someProperties({ "opkg:section": record.section }),
    dependsOn: record.depends,
    provides: record.provides,
  });
}

function licensesOf(text: string | undefined): License[] {
  const license = text === undefined ? undefined : readLicense(text);
  return license === undefined ? [] : [license];
}
