import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { firstOf } from "../read/cuts.ts";
import { isName, isVersion, shortText } from "../read/token.ts";
import { tooLarge } from "../read/too-large.ts";
import { publicUrl } from "../read/url.ts";

interface Stated {
  readonly licenses: readonly string[];
  readonly dependsOn: readonly string[];
  readonly synopsis?: string;
  readonly homepage?: string;
}

/** opam keeps the file of every package that it installed, in a folder of its name and version. */
const place = /(?:^|\/)\.opam-switch\/packages\/([^/.]+)\.([^/]+)\/opam$/;

/**
 * Packages of OCaml that are installed in a switch of opam.
 *
 * @see https://opam.ocaml.org/doc/Manual.html#opam
 */
export const opam: Cataloger<Stated> = {
  id: "opam",
  version: 1,
  evidence: "installed",
  among: { names: ["opam"] },
  wants: ({ path }) => path.endsWith("/opam") && place.test(path),
  read: readFile,
  *catalog(found) {
    for (const [path, stated] of found) yield* packagesAt(path, stated);
  },
};

function readFile(file: CapturedFile): Stated | Problem {
  const large = tooLarge(file, limits.maxManifestBytes);
  if (large !== undefined) return large;
  const fields = fieldsOf(file.text(limits.maxManifestBytes));
  const names = stringsIn(withoutFilters(fields.get("depends") ?? ""));
  return defined<Stated>({
    licenses: stringsIn(fields.get("license") ?? ""),
    dependsOn: firstOf(names, limits.maxNames, "dependencies of a package"),
    synopsis: shortText(stringsIn(fields.get("synopsis") ?? "")[0]),
    homepage: stringsIn(fields.get("homepage") ?? "")[0],
  });
}

const wanted: ReadonlySet<string> = new Set(["depends", "homepage", "license", "synopsis"]);

/** The values of the fields that are wanted, as they are written: a field begins at the margin. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split("\n")) {
    const [, name = "", rest = ""] = /^([a-z][a-z-]{0,40}):(.*)$/.exec(line) ?? [];
    if (name === "") lines.push(line);
    else {
      lines = [rest];
      if (wanted.has(name) && !fields.has(name)) fields.set(name, lines);
    }
  }
  return new Map([...fields].map(([name, parts]) => [name, parts.join("\n")]));
}

/** A list without the conditions in braces behind its names; braces in texts are none. */
function withoutFilters(text: string): string {
  let kept = "";
  let depth = 0;
  for (const [part] of text.matchAll(/"[^"\n]*"|[{}]|\s+|[^"{}\s]+/g)) {
    if (part === "{") depth += 1;
    else if (part === "}") depth = Math.max(0, depth - 1);
    else if (depth === 0) kept += part;
  }
  return kept;
}

function stringsIn(text: string): string[] {
  // What stands behind the list, or the text, is of another field or section.
  const end = text.trimStart().startsWith("[") ? text.indexOf("]") : text.indexOf("\n");
  return [...text.slice(0, end === -1 ? undefined : end).matchAll(/"([^"\n]{1,4096})"/g)].map(
    ([, value = ""]) => value,
  );
}

function* packagesAt(path: string, { licenses, dependsOn, synopsis, homepage }: Stated): Generator<FoundPackage> {
  const [, name, version] = place.exec(path) ?? [];
  if (!isName(name) || !isVersion(version)) return;
  const folder = path.slice(0, path.indexOf(".opam-switch/"));
  // Packages of one switch are no dependencies of those in another.
  const key = (one: string): string => `${folder}\n${one}`;
  yield defined<FoundPackage>({
    kind: "package",
    type: "opam",
    name,
    version,
    purl: formatPurl({ type: "opam", name, version }),
    paths: [path],
    licenses: readLicenses(licenses),
    description: synopsis,
    homepage: publicUrl(homepage),
    dependsOn: dependsOn.map(key),
    provides: [key(name)],
  });
}
