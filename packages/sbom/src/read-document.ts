import { type Inventory, isJsonObject, type JsonValue, ScError } from "@sc/model";
import type { DocumentFacts } from "./document-facts.ts";
import { type DocumentSyntax, parseSyntax } from "./document-syntax.ts";
import type { DocumentFormat, DocumentReading } from "./document.ts";
import { documentFormats } from "./documents/index.ts";

/** How a document is read. */
export interface ReadDocumentOptions {
  /** What the document is called in errors. */
  readonly where: string;
}

/** A document that was read. */
export interface OpenedDocument {
  readonly format: DocumentFormat;
  /** The inventory in it. */
  inventory(): Inventory;
  /** What it says of itself and its parts. */
  facts(): DocumentFacts;
}

/**
 * A document, its format told by its content; `undefined` when it is of no format that is read.
 *
 * Throws `DOCUMENT_TOO_LARGE`, `DOCUMENT_WRAPPED`, `DOCUMENT_UNSUPPORTED`, `JSON_INVALID`, `XML_INVALID` and
 * `TAGS_INVALID`; what it returns throws `DECODE_FAILED` and `DOCUMENT_UNSUPPORTED` as well.
 */
export function openDocument(bytes: Uint8Array, options: ReadDocumentOptions): OpenedDocument | undefined {
  const syntax = parseSyntax(bytes, options.where);
  refuseWrapped(syntax, options);
  for (const format of documentFormats) {
    const { reading } = format;
    if (reading?.recognizes(syntax) === true) return opened(format, reading, reading.decode(syntax));
  }
  return undefined;
}

function opened(format: DocumentFormat, reading: DocumentReading, value: JsonValue): OpenedDocument {
  return { format, inventory: () => reading.inventory(value), facts: () => reading.facts(value) };
}

/** The formats by the names that writing takes: with `@version` for one version of those that have several. */
export function documentFormatIds(): string[] {
  return documentFormats.flatMap(({ id, versions = [] }) => [id, ...versions.map((version) => `${id}@${version}`)]);
}

/** The format of that name, bound to the version where the name has one; `undefined` when there is none. */
export function findDocumentFormat(name: string): DocumentFormat | undefined {
  const [id, version, ...rest] = name.split("@");
  const format = documentFormats.find((one) => one.id === id);
  if (format === undefined || version === undefined) return format;
  if (rest.length > 0 || format.versions?.includes(version) !== true) return undefined;
  const title = format.title.replace(format.versions[0] ?? "", version);
  return { ...format, title, write: (inventory, options) => format.write(inventory, { ...options, version }) };
}

/** What is in a statement or an envelope is only worth what its signature is, which is verified elsewhere. */
function refuseWrapped(syntax: DocumentSyntax, { where }: ReadDocumentOptions): void {
  if (syntax.kind !== "json" || !isJsonObject(syntax.value)) return;
  const { payloadType, payload, _type: type } = syntax.value;
  const isStatement = typeof type === "string" && type.startsWith("https://in-toto.io/Statement/");
  if (!isStatement && (typeof payloadType !== "string" || typeof payload !== "string")) return;
  const what = isStatement ? "an in-toto statement" : "a DSSE envelope";
  throw new ScError("DOCUMENT_WRAPPED", `${where}: is ${what} around a document, whose signature nobody has verified`, {
    hint: "Verify it with sc sbom verify, which gives the document itself.",
  });
}
