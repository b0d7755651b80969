import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicense } from "../license.ts";
import { limits } from "../limits.ts";
import { distroQualifier } from "../read/os-purl.ts";
import { PathBudget } from "../read/path-budget.ts";
import { malformed, tooLarge, tooManyLines } from "../read/too-large.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";
import { hasRoom, splitFirst } from "../read/cuts.ts";

/** What one file of an installed package says. */
export type PortageFacts =
  | { readonly kind: "files"; readonly files: readonly string[] }
  | { readonly kind: "field"; readonly text: string };

const fields: ReadonlySet<string> = new Set([
  "PF",
  "CONTENTS",
  "LICENSE",
  "RDEPEND",
  "SLOT",
  "repository",
  "HOMEPAGE",
  "DESCRIPTION",
]);

/**
 * Packages of Gentoo and its kin: a folder each, named for category, name and version.
 *
 * @see https://projects.gentoo.org/pms/8/pms.html
 */
export const portage: Cataloger<PortageFacts> = {
  id: "portage",
  version: 1,
  evidence: "installed",
  database: true,
  among: { names: [...fields] },
  wants: ({ path }) => placeOf(path) !== undefined,
  read: (file) => {
    const place = placeOf(file.path);
    return place === undefined ? undefined : (tooLarge(file, limits.maxDatabaseBytes) ?? readFacts(file, place.field));
  },
  *catalog(found, { distribution }) {
    const done = new Set<string>();
    for (const path of found.keys()) {
      const place = placeOf(path);
      if (place === undefined || done.has(place.folder)) continue;
      done.add(place.folder);
      yield packageOf(place, { found, distro: distribution === undefined ? undefined : distroQualifier(distribution) });
    }
  },
};

interface Place {
  /** With its slash. */
  readonly folder: string;
  readonly category: string;
  /** Name, version and revision. */
  readonly named: string;
  readonly field: string;
}

function placeOf(path: string): Place | undefined {
  const at = path.lastIndexOf("var/db/pkg/");
  if (at === -1 || (at > 0 && path[at - 1] !== "/")) return undefined;
  const [category, named, field, more] = path.slice(at + "var/db/pkg/".length).split("/", 4);
  if (category === undefined || named === undefined || field === undefined || more !== undefined) return undefined;
  return fields.has(field) ? { folder: path.slice(0, -field.length), category, named, field } : undefined;
}

function readFacts(file: CapturedFile, field: string): PortageFacts | Problem {
  const text = file.text(limits.maxDatabaseBytes);
  if (field === "CONTENTS") return tooManyLines(file, text) ?? { kind: "files", files: filesOf(text) };
  if (field === "PF" && splitVersion(text.trim()) === undefined) {
    return { ...malformed(file, `${quote(text.trim())} is no name with a version`), incomplete: true };
  }
  hasRoom(text.length - 1, limits.maxTextChars * 4, "characters of one field");
  return { kind: "field", text: text.slice(0, limits.maxTextChars * 4).trim() };
}

/** `obj <path> <md5> <time>` and `sym <path> -> <target> <time>`; directories are left out. */
function filesOf(text: string): string[] {
  const paths = new PathBudget();
  const files: string[] = [];
  for (const line of text.split("\n")) {
    const words = line.split(" ");
    const path = line.startsWith("obj ") ? words.slice(1, -2).join(" ") : linkOf(line);
    if (path?.startsWith("/") === true && paths.take(path)) files.push(path.slice(1));
  }
  return files.toSorted();
}

function linkOf(line: string): string | undefined {
  return line.startsWith("sym ") ? line.slice(4).split(" -> ", 1)[0] : undefined;
}

/** The last hyphen before a digit divides them, a revision aside: `nss-3.90-r1`, `Getopt-Long-2.580.0`. */
function splitVersion(named: string): { readonly name: string; readonly version: string } | undefined {
  const revision = /-r\d{1,10}$/.exec(named)?.[0] ?? "";
  const bare = named.slice(0, named.length - revision.length);
  const at = bare.lastIndexOf("-");
  const name = bare.slice(0, Math.max(at, 0));
  const version = bare.slice(at + 1) + revision;
  return /^[A-Za-z0-9_][A-Za-z0-9_+-]*$/.test(name) && /^\d/.test(version) && isVersion(version)
    ? { name, version }
    : undefined;
}

interface Surroundings {
  readonly found: ReadonlyMap<string, PortageFacts>;
  readonly distro: string | undefined;
}

function packageOf({ folder, category, named }: Place, { found, distro }: Surroundings): FoundPackage | Problem {
  const text = (field: string): string | undefined => {
    const facts = found.get(folder + field);
    return facts?.kind === "field" ? shortText(facts.text) : undefined;
  };
  const parts = splitVersion(text("PF") ?? named);
  const evidence = ["CONTENTS", "PF"].map((field) => folder + field).filter((path) => found.has(path));
  const path = evidence[0];
  if (parts === undefined || path === undefined || !isName(category)) {
    const message = `${folder}: ${quote(named)} is no installed package with a name and a version`;
    return { kind: "problem", code: "RECORD_MALFORMED", message, path: path ?? folder.slice(0, -1), incomplete: true };
  }
  const { name, version } = parts;
  const contents = found.get(`${folder}CONTENTS`);
  const license = readLicense(text("LICENSE") ?? "", { spaceMeansAnd: true });
  return defined<FoundPackage>({
    kind: "package",
    type: "portage",
    name,
    version,
    purl: formatPurl({
      type: "portage",
      namespace: category,
      name,
      version,
      qualifiers: distro === undefined ? {} : { distro },
    }),
    paths: evidence,
    licenses: license === undefined ? [] : [license],
    source: { name },
    origin: "distribution",
    description: text("DESCRIPTION"),
    homepage: text("HOMEPAGE")?.split(" ", 1)[0],
    files: contents?.kind === "files" ? contents.files : undefined,
    properties: someProperties({
      "portage:category": category,
      "portage:slot": text("SLOT"),
      "portage:repository": text("repository"),
    }),
    dependsOn: dependenciesOf(text("RDEPEND")),
    provides: [`${category}/${name}`],
  });
}

/** `>=dev-libs/openssl-1.1.1:0=[-bindist(-)]` is of dev-libs/openssl; blockers and conditions are none. */
function dependenciesOf(text = ""): string[] {
  return splitFirst(text, /\s+/, limits.maxNames, "words of what one package depends on")
    .filter((word) => word.includes("/") && !word.startsWith("!"))
    .map((word) => word.replace(/^[<>=~]+/, "").split(/[:[]/, 1)[0] ?? "")
    .map((word) => {
      const slash = word.indexOf("/");
      const parts = splitVersion(word.slice(slash + 1).replace(/\*$/, ""));
      return parts === undefined ? word : `${word.slice(0, slash)}/${parts.name}`;
    })
    .filter(isName);
}
