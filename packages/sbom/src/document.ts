import type { Inventory } from "@sc/model";

/** What a document says besides the inventory. Without it the same inventory gives the same bytes as well. */
export interface WriteDocumentOptions {
  /** When the document counts as made, RFC 3339; the image's own time where it is not given. */
  readonly timestamp?: string;
  /** The program that makes the document. */
  readonly tool?: { readonly name: string; readonly version: string };
  /** Whatever of the options decided what the inventory holds: part of the document's identity. */
  readonly configuration?: string;
}

/**
 * One format that inventories are written in and read from.
 *
 * To add one: `documents/<id>.ts` and one line in `documents/index.ts`.
 */
export interface DocumentFormat {
  /** Kebab-case, as `--format` takes it. */
  readonly id: string;
  /** The name and version of the format, for people. */
  readonly title: string;
  readonly mediaType: string;
  /** With its leading dot: `.cdx.json`. */
  readonly fileExtension: string;
  /** The in-toto predicate type a document of this format is attested as, where it has one. */
  readonly predicateType?: string;
  /** The document: the same bytes for the same arguments. */
  write(inventory: Inventory, options?: WriteDocumentOptions): Uint8Array;
  /**
   * The inventory a document holds; absent where the format is for people alone. What the format has no field for is
   * only there when this package wrote the document; files owned by packages never are.
   *
   * Throws `JSON_INVALID`, `DECODE_FAILED` and `DOCUMENT_UNSUPPORTED`.
   */
  readonly read?: (document: Uint8Array) => Inventory;
}
