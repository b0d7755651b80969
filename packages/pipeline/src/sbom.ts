import { type Inventory, isJsonObject, nearest, parseJson, ScError } from "@sc/model";
import { type DocumentFormat, documentFormats } from "@sc/sbom";

/** What a document says besides the inventory. */
export interface FormatSbomOptions {
  /** When the document counts as made; the image's own time where it is not given. */
  readonly timestamp?: Date | undefined;
  /** The program that makes it. */
  readonly tool?: { readonly name: string; readonly version: string } | undefined;
}

/** The inventory as a document: the same bytes for the same arguments. Throws `SBOM_FORMAT_UNKNOWN`. */
export function formatSbom(inventory: Inventory, format: string, options: FormatSbomOptions = {}): Uint8Array {
  const { timestamp, tool } = options;
  return findFormat(format).write(inventory, {
    ...(timestamp === undefined ? {} : { timestamp: timestamp.toISOString().replace(/\.\d+Z$/, "Z") }),
    ...(tool === undefined ? {} : { tool }),
  });
}

/** The format of that id. Throws `SBOM_FORMAT_UNKNOWN` with the nearest. */
export function findFormat(id: string): DocumentFormat {
  const format = documentFormats.find((one) => one.id === id);
  if (format !== undefined) return format;
  const ids = documentFormats.map((one) => one.id);
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
 * The inventory in a document, whose format is told by its content. `where` names it in errors. Throws `JSON_INVALID`,
 * `SBOM_FORMAT_UNKNOWN` and what reading the format throws.
 */
export function readSbom(bytes: Uint8Array, where: string): ReadSbom {
  const format = detectFormat(bytes, where);
  const inventory = format.read?.(bytes);
  if (inventory === undefined) throw unreadable(where);
  return { format, inventory };
}

/** The format of a document, by its content. Throws `JSON_INVALID`, `SBOM_FORMAT_UNKNOWN`. */
export function detectFormat(bytes: Uint8Array, where: string): DocumentFormat {
  const document = parseJson(bytes, where);
  if (!isJsonObject(document)) throw unreadable(where);
  if (document["bomFormat"] === "CycloneDX") return findFormat("cyclonedx-json");
  if (typeof document["spdxVersion"] === "string") return findFormat("spdx-json");
  throw unreadable(where);
}

function unreadable(where: string): ScError {
  return new ScError(
    "SBOM_FORMAT_UNKNOWN",
    `${where}: is no software bill of materials in a format that is read here`,
    {
      hint: "Give CycloneDX or SPDX in JSON.",
    },
  );
}
