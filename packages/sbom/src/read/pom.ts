import { defined } from "../defined.ts";

/** What a pom.xml says of its own project, without what it inherits from parents that are elsewhere. */
export interface Pom {
  readonly group?: string;
  readonly artifact?: string;
  readonly version?: string;
  readonly name?: string;
  readonly description?: string;
  readonly url?: string;
  readonly organization?: string;
  readonly licenses: readonly string[];
}

const maxDepth = 64;
const maxLicenses = 100;

/** Where in a pom.xml the texts stand that are read. */
const places: ReadonlyMap<string, keyof Omit<Pom, "licenses">> = new Map([
  ["project/groupId", "group"],
  ["project/artifactId", "artifact"],
  ["project/version", "version"],
  ["project/name", "name"],
  ["project/description", "description"],
  ["project/url", "url"],
  ["project/organization/name", "organization"],
]);

const licensePlace = "project/licenses/license/name";
const [parentGroup, parentVersion] = ["project/parent/groupId", "project/parent/version"];
/** What such elements lie in. */
const holders: ReadonlySet<string> = new Set(
  [...places.keys(), licensePlace, parentGroup, parentVersion].flatMap((place) =>
    place.split("/").map((_, index, names) => names.slice(0, index).join("/")),
  ),
);

function isRead(path: string): boolean {
  return places.has(path) || path === parentGroup || path === parentVersion;
}

/**
 * What a pom.xml says of its own project; group and version fall back on those of the parent it names. A text with a
 * property in it (`${revision}`) counts as not there. Documents with a DTD are not read.
 */
export function parsePom(text: string): Pom | undefined {
  if (text.includes("<!DOCTYPE")) return undefined;
  const texts = new Map<string, string>();
  const licenses: string[] = [];
  for (const [path, content] of elements(text)) {
    if (path === licensePlace) {
      if (licenses.length < maxLicenses) licenses.push(unescaped(content.trim()));
    } else if (isRead(path) && !texts.has(path)) texts.set(path, unescaped(content.trim()));
  }
  const found = new Map<string, string>([
    ["group", texts.get(parentGroup) ?? ""],
    ["version", texts.get(parentVersion) ?? ""],
  ]);
  for (const [path, field] of places) {
    const content = texts.get(path);
    if (content !== undefined) found.set(field, content);
  }
  const known = (field: string): string | undefined => {
    const content = found.get(field) ?? "";
    return content === "" || content.includes("${") ? undefined : content;
  };
  return defined<Pom>({
    group: known("group"),
    artifact: known("artifact"),
    version: known("version"),
    name: known("name"),
    description: known("description"),
    url: known("url"),
    organization: known("organization"),
    licenses: licenses.filter((license) => !license.includes("${")),
  });
}

/** Elements where some are read, with what stands before their end, by the names of those around them; stops at what is no XML. */
function* elements(text: string): Generator<readonly [path: string, content: string]> {
  // Of those that are open their paths; none where nothing is read, as among dependencies and plugins, which most are.
  const open: (string | undefined)[] = [];
  let contentAt = 0;
  for (let at = text.indexOf("<"); at !== -1;) {
    const end = endOfMarkup(text, at);
    if (end === -1) return;
    if (text.charCodeAt(at + 1) === slash) {
      const path = open.pop();
      if (path !== undefined) yield [path, text.slice(contentAt, at)];
    } else if (isNameStart(text.charCodeAt(at + 1)) && text.charCodeAt(end - 1) !== slash) {
      const around = open.length === 0 ? "" : open.at(-1);
      open.push(around === undefined || !holders.has(around) ? undefined : pathIn(around, text.slice(at + 1, end)));
      if (open.length > maxDepth) return;
    }
    contentAt = end + 1;
    at = text.indexOf("<", end);
  }
}

function pathIn(around: string, tag: string): string {
  const name = /^[^\s/>]+/.exec(tag)?.[0] ?? "";
  return around === "" ? name : `${around}/${name}`;
}

const slash = 0x2f;

/** Whether an element's name can begin so: a letter or an underscore. */
function isNameStart(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x5f;
}

/** Where a tag, a comment or an instruction ends: its `>`. */
function endOfMarkup(text: string, at: number): number {
  if (text.startsWith("<!--", at)) {
    const end = text.indexOf("-->", at + 4);
    return end === -1 ? -1 : end + 2;
  }
  return text.indexOf(">", at);
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.slice(0, 4096).replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? "");
}
