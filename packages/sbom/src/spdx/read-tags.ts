import { type JsonObject, type JsonValue, ScError } from "@sc/model";
import { quote } from "../read/token.ts";
import { documentTags, licenseTags, packageTags } from "./tag-fields.ts";

type Members = Record<string, JsonValue>;

/** The first tag of each kind of element. */
const beginnings: ReadonlySet<string> = new Set(["PackageName", "FileName", "SnippetSPDXID", "LicenseID"]);

const documentMembers: ReadonlyMap<string, string> = new Map(documentTags);
const packageMembers: ReadonlyMap<string, string> = new Map(packageTags);
const licenseMembers: ReadonlyMap<string, string> = new Map(licenseTags);

/** Whether a text is an SPDX document in tags and values. */
export function isTagValue(text: string): boolean {
  // Each character begins one alternative alone: what could be read in two ways would be tried in all of them.
  return /^(?:\s|#[^\r\n]*[\r\n])*SPDXVersion:/.test(text.slice(0, 4096));
}

/**
 * An SPDX 2 document in tags and values as the JSON that says the same; files and snippets are left out.
 *
 * Throws `TAGS_INVALID`.
 */
export function documentOfTags(text: string): JsonObject {
  const reader = new TagReader();
  for (const { tag, value, line } of tagsIn(text)) reader.take(tag, value, line);
  return reader.document();
}

interface TagLine {
  readonly tag: string;
  readonly value: string;
  readonly line: number;
}

function* tagsIn(text: string): Generator<TagLine> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const end = endOfLine(text, at);
    const content = text.slice(at, end).trim();
    const begun = line;
    const begin = at;
    at = end + 1;
    line += 1;
    if (content === "" || content.startsWith("#")) continue;
    const colon = content.indexOf(":");
    if (colon <= 0) throw wrong(begun, `${quote(content)} is no tag with a value`);
    const tag = content.slice(0, colon);
    const value = content.slice(colon + 1).trimStart();
    if (!value.startsWith("<text>")) {
      yield { tag, value, line: begun };
      continue;
    }
    const start = text.indexOf("<text>", begin);
    const close = text.indexOf("</text>", start);
    if (close === -1) throw wrong(begun, `the text of ${quote(tag)} does not end`);
    const marked = text.slice(start + "<text>".length, close);
    yield { tag, value: marked, line: begun };
    at = endOfLine(text, close) + 1;
    line = begun + marked.split("\n").length;
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function wrong(line: number, what: string): ScError {
  return new ScError("TAGS_INVALID", `SPDX document: line ${line}: ${what}`);
}

class TagReader {
  readonly #document: Members = Object.create(null);
  readonly #creators: JsonValue[] = [];
  readonly #packages: Members[] = [];
  readonly #licenses: Members[] = [];
  readonly #relationships: Members[] = [];
  readonly #annotations: Members[] = [];
  #created: string | undefined;
  #kind: "document" | "package" | "license" | "other" = "document";
  #element: Members = this.#document;

  take(tag: string, value: string, line: number): void {
    if (beginnings.has(tag)) this.#begin(tag);
    switch (tag) {
      case "Creator":
        this.#creators.push(value);
        return;
      case "Created":
        this.#created = value;
        return;
      case "Relationship":
        this.#relationship(value, line);
        return;
      case "RelationshipComment":
        assign(this.#relationships.at(-1), "comment", value);
        return;
      default:
        if (!this.#annotation(tag, value)) this.#field(tag, value, line);
    }
  }

  #begin(tag: string): void {
    this.#element = Object.create(null);
    this.#kind = tag === "PackageName" ? "package" : tag === "LicenseID" ? "license" : "other";
    if (this.#kind === "package") this.#packages.push(this.#element);
    if (this.#kind === "license") this.#licenses.push(this.#element);
  }

  #relationship(value: string, line: number): void {
    const [from, type, to, ...rest] = value.split(/\s+/);
    if (from === undefined || type === undefined || to === undefined || rest.length > 0) {
      throw wrong(line, `${quote(value)} is no relationship of two elements`);
    }
    this.#relationships.push({ spdxElementId: from, relationshipType: type, relatedSpdxElement: to });
  }

  #annotation(tag: string, value: string): boolean {
    if (tag === "Annotator") this.#annotations.push({ annotator: value });
    else if (tag === "AnnotationDate") assign(this.#annotations.at(-1), "annotationDate", value);
    else if (tag === "AnnotationType") assign(this.#annotations.at(-1), "annotationType", value);
    else if (tag === "SPDXREF") assign(this.#annotations.at(-1), "SPDXREF", value);
    else if (tag === "AnnotationComment") assign(this.#annotations.at(-1), "comment", value);
    else return false;
    return true;
  }

  #field(tag: string, value: string, line: number): void {
    if (this.#kind === "document") assign(this.#document, documentMembers.get(tag), value);
    else if (this.#kind === "license") assign(this.#element, licenseMembers.get(tag), value);
    else if (this.#kind === "package") this.#packageField(tag, value, line);
  }

  #packageField(tag: string, value: string, line: number): void {
    if (tag === "PackageChecksum") {
      const match = /^([A-Z0-9-]+):\s*([0-9A-Fa-f]+)$/.exec(value);
      if (match === null) throw wrong(line, `${quote(value)} is no checksum`);
      append(this.#element, "checksums", { algorithm: match[1] ?? "", checksumValue: match[2] ?? "" });
    } else if (tag === "ExternalRef") {
      const match = /^(\S+)\s+(\S+)\s+(\S.*)$/.exec(value);
      if (match === null) throw wrong(line, `${quote(value)} is no external reference`);
      const [, referenceCategory = "", referenceType = "", referenceLocator = ""] = match;
      append(this.#element, "externalRefs", { referenceCategory, referenceType, referenceLocator });
    } else if (tag === "PrimaryPackagePurpose") {
      assign(this.#element, "primaryPackagePurpose", value.replaceAll("-", "_"));
    } else assign(this.#element, packageMembers.get(tag), value);
  }

  document(): JsonObject {
    const elements = new Map<JsonValue | undefined, Members>();
    for (const element of [this.#document, ...this.#packages]) elements.set(element["SPDXID"], element);
    for (const { SPDXREF, ...annotation } of this.#annotations) {
      const element = elements.get(SPDXREF);
      if (element !== undefined) append(element, "annotations", annotation);
    }
    return {
      ...this.#document,
      creationInfo: { creators: this.#creators, ...(this.#created === undefined ? {} : { created: this.#created }) },
      packages: this.#packages,
      hasExtractedLicensingInfos: this.#licenses,
      relationships: this.#relationships,
    };
  }
}

function assign(owner: Members | undefined, member: string | undefined, value: string): void {
  if (owner !== undefined && member !== undefined) owner[member] = value;
}

function append(owner: Members, member: string, value: JsonObject): void {
  const list = owner[member];
  if (Array.isArray(list)) list.push(value);
  else owner[member] = [value];
}
