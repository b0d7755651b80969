import type { Descriptor, DigestAlgorithm } from "@sc/model";
import type { FileRange } from "./layer.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import type { RootfsLimits } from "./limits.ts";

/** What a worker is told to read; its bytes follow as chunks unless it is told where they lie. */
export interface WalkRequest {
  readonly type: "walk";
  readonly descriptor: Descriptor;
  readonly contentAlgorithm: DigestAlgorithm | undefined;
  readonly limits: RootfsLimits;
  /** The budget for captured files that all threads share. */
  readonly budget: SharedArrayBuffer;
  readonly file?: FileRange;
  /** Set for a second pass. */
  readonly reads?: readonly LinkedRead[];
}

/** What a worker is sent. */
export type ToWorker =
  | WalkRequest
  | { readonly type: "chunk"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The bytes have ended. */
  | { readonly type: "end" }
  /** Nothing more comes, and what it is at is not wanted any more: it ends by itself. */
  | { readonly type: "close" };

/** An error on its way between threads: class and brand do not survive, these do. */
export interface ErrorMessage {
  readonly code?: string;
  readonly message: string;
  readonly hint?: string;
  readonly facts?: Readonly<Record<string, string>>;
}

/** What a worker answers. */
export type FromWorker =
  /** It has used so many bytes: so many more may be sent. */
  | { readonly type: "taken"; readonly bytes: number }
  | { readonly type: "record"; readonly record: LayerRecord }
  | { readonly type: "linked"; readonly facts: readonly LinkedFact[] }
  | { readonly type: "error"; readonly error: ErrorMessage };
