import { type Inventory, nearest, ScError } from "@sc/model";
import {
  type DocumentFormat,
  documentFormatIds,
  findDocumentFormat,
  isPurlList,
  openDocument,
  type OpenedDocument,
  readPurlList,
} from "@sc/sbom";
import type { DetectedCi } from "./detect-ci.ts";

/** What a document says besides the inventory. */
export interface FormatSbomOptions {
  /** When the document counts as made; the image's own time where it is not given. */
  readonly timestamp?: Date | undefined;
  /** The program that makes it. */
  readonly tool?: { readonly name: string; readonly version: string } | undefined;
  /** Which of the options decided what the inventory holds: part of the document's identity. */
  readonly configuration?: string | undefined;
  /** The build that makes it, as `detectCi` tells it: a snapshot for a forge must name it, no other format does. */
  readonly build?: DetectedCi | undefined;
}

/** The inventory as a document: the same bytes for the same arguments. Throws `SBOM_FORMAT_UNKNOWN`. */
export function formatSbom(inventory: Inventory, format: string, options: FormatSbomOptions = {}): Uint8Array {
  const chunks = [...writeSbom(inventory, format, options)];
  // No Buffer: results are plain data, which another thread or a clone of them sees as they are here.
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * The same in chunks, made as they are taken, so that a large document is never in memory whole. Throws
 * `SBOM_FORMAT_UNKNOWN`.
 */
export function writeSbom(inventory: Inventory, format: string, options: FormatSbomOptions = {}): Iterable<Uint8Array> {
  const { timestamp, tool, configuration, build } = options;
  return findFormat(format).write(inventory, {
    ...(timestamp === undefined ? {} : { timestamp: timestamp.toISOString().replace(/\.\d+Z$/, "Z") }),
    ...(tool === undefined ? {} : { tool }),
    ...(configuration === undefined ? {} : { configuration }),
    ...(build === undefined ? {} : { build }),
  });
}

/** The format of that id, which may name a version as `cyclonedx-json@1.5` does. Throws `SBOM_FORMAT_UNKNOWN` with the nearest. */
export function findFormat(id: string): DocumentFormat {
  const format = findDocumentFormat(id);
  if (format !== undefined) return format;
  const ids = documentFormatIds();
  const near = nearest(id, ids);
  throw new ScError("SBOM_FORMAT_UNKNOWN", `there is no document format ${JSON.stringify(id.slice(0, 100))}`, {
    hint: near === undefined ? `Use one of ${ids.join(", ")}.` : `Did you mean: ${near}`,
  });
}

/** A document that was read: its format and the inventory in it. */
export interface ReadSbom {
  readonly format: DocumentFormat;
  readonly inventory: Inventory;
}

/**
 * The inventory in a document, whose format is told by its content. `where` names it in errors. Throws
 * `SBOM_FORMAT_UNKNOWN` and what reading the format throws.
 */
export function readSbom(bytes: Uint8Array, where: string): ReadSbom {
  const document = openSbom(bytes, where);
  return { format: document.format, inventory: document.inventory() };
}

/**
 * The packages in a document or in a list of purls, whichever the bytes are. Throws `PURL_LIST_INVALID` and what
 * `readSbom` throws.
 */
export function readPackages(bytes: Uint8Array, where: string): Inventory {
  return isPurlList(bytes) ? readPurlList(bytes, { where }) : readSbom(bytes, where).inventory;
}

/** The format of a document, by its content. Throws as `readSbom` does. */
export function detectFormat(bytes: Uint8Array, where: string): DocumentFormat {
  return openSbom(bytes, where).format;
}

/** A document whose format is told by its content, to be read as an inventory or judged. Throws as `readSbom` does. */
export function openSbom(bytes: Uint8Array, where: string): OpenedDocument {
  const document = openDocument(bytes, { where });
  if (document !== undefined) return document;
  throw new ScError("SBOM_FORMAT_UNKNOWN", `${where}: is no software bill of materials in a format that is read here`, {
    hint: "Give CycloneDX, SPDX or syft JSON.",
  });
}
