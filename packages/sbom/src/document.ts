import type { Inventory, JsonValue } from "@sc/model";
import type { DocumentFacts } from "./document-facts.ts";
import type { DocumentSyntax } from "./document-syntax.ts";

/** What a document says besides the inventory. Without it the same inventory gives the same bytes as well. */
export interface WriteDocumentOptions {
  /** When the document counts as made, RFC 3339; the image's own time where it is not given. */
  readonly timestamp?: string;
  /** The program that makes the document. */
  readonly tool?: { readonly name: string; readonly version: string };
  /** Whatever of the options decided what the inventory holds: part of the document's identity. */
  readonly configuration?: string;
  /** The build that makes it, for the service of a forge that asks; no other format speaks of it. */
  readonly build?: DocumentBuild;
  /** One of the format's `versions`; its first where it is not given. */
  readonly version?: string;
}

/** What is known of the build that makes a document. */
export interface DocumentBuild {
  /** The id of the platform: `github-actions`. */
  readonly platform: string;
  readonly buildId?: string;
  readonly buildUrl?: string;
  /** Of the source, as 40 or 64 hexadecimal digits. */
  readonly commit?: string;
  /** `refs/heads/…` or `refs/tags/…`. */
  readonly ref?: string;
}

/**
 * One format that inventories are written in and read from.
 *
 * To add one: `documents/<id>.ts` and one line in `documents/index.ts`.
 */
export interface DocumentFormat {
  /** Kebab-case, as `--format` takes it. */
  readonly id: string;
  /** The name of the format, with its version where there is one alone, for people. */
  readonly title: string;
  /** The versions it is written in, the default first; absent where there is one alone. */
  readonly versions?: readonly string[];
  readonly mediaType: string;
  /** With its leading dot: `.cdx.json`. */
  readonly fileExtension: string;
  /** The in-toto predicate type a document of this format is attested as, where it has one. */
  readonly predicateType?: string;
  /**
   * The document in chunks: the same bytes for the same arguments, made as they are taken.
   *
   * Throws `DOCUMENT_UNSUPPORTED` for a version that is not one of `versions`.
   */
  write(inventory: Inventory, options?: WriteDocumentOptions): Iterable<Uint8Array>;
  /** How documents of the format are read; absent where it is for people or another service alone. */
  readonly reading?: DocumentReading;
}

/** How documents of one format are read. */
export interface DocumentReading {
  /** Whether a document is of this format, of whatever version. */
  recognizes(syntax: DocumentSyntax): boolean;
  /** The document in the JSON form of its family. */
  decode(syntax: DocumentSyntax): JsonValue;
  /**
   * The inventory in the JSON form. What the format has no field for is only there when this package wrote the
   * document; files owned by packages never are. Throws `DECODE_FAILED`, `DOCUMENT_UNSUPPORTED`.
   */
  inventory(document: JsonValue): Inventory;
  /** What the document says of itself and its parts, for judging its quality. */
  facts(document: JsonValue): DocumentFacts;
}
