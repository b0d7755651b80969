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

/**
 * What a pom.xml says of its own project; group and version fall back on those of the parent it names. A text with a
 * property in it (`${revision}`) counts as not there. Documents with a DTD are not read.
 */
export function parsePom(text: string): Pom | undefined {
  if (text.includes("<!DOCTYPE")) return undefined;
  const texts = new Map<string, string>();
  const licenses: string[] = [];
  for (const [path, content] of elements(text)) {
    if (path === "project/licenses/license/name" && licenses.length < maxLicenses) licenses.push(content);
    else if (!texts.has(path)) texts.set(path, content);
  }
  const found = new Map<string, string>([
    ["group", texts.get("project/parent/groupId") ?? ""],
    ["version", texts.get("project/parent/version") ?? ""],
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

/** Elements that hold text alone, by the names of those around them; stops at what is no XML. */
function* elements(text: string): Generator<readonly [path: string, content: string]> {
  const open: string[] = [];
  let content = "";
  for (let at = text.indexOf("<"); at !== -1;) {
    const end = endOfMarkup(text, at);
    if (end === -1) return;
    const markup = text.slice(at + 1, end);
    if (markup.startsWith("/")) {
      yield [open.join("/"), unescaped(content.trim())];
      open.pop();
    } else if (/^[A-Za-z_]/.test(markup) && !markup.endsWith("/")) {
      open.push(/^[^\s/>]+/.exec(markup)?.[0] ?? "");
      if (open.length > maxDepth) return;
    }
    const next = text.indexOf("<", end);
    content = next === -1 ? "" : text.slice(end + 1, next);
    at = next;
  }
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
