import type { DecodedAdvisory } from "./decode-advisory.ts";

/** One file of advisories, on its way to the feed that knows its form. */
export interface FeedFile {
  /** Where it stands, for problems. */
  readonly where: string;
  /** The id that its name promises; absent where it may be called anything. */
  readonly id?: string;
  /** What its name says it is written in. */
  readonly syntax: "json" | "yaml";
  /** Its bytes in order, to be gone through once. */
  readonly chunks: Iterable<Uint8Array>;
}

/** One advisory of a file. */
export interface FeedRecord extends DecodedAdvisory {
  /**
   * Which part of the advisory it is, where a source spreads one over packages or files: of one id and one part the
   * last changed counts, different parts stand side by side.
   */
  readonly part?: string;
}

/** One form in which advisories are published. To add one: a file in `feeds/`, a line in its `index.ts`, vectors. */
export interface AdvisoryFeed {
  /** The name of its file. */
  readonly id: string;
  /** Whether a file whose first kilobyte this is has the form. */
  readonly recognizes: (start: string) => boolean;
  /**
   * The advisories of a file, one at a time. What is wrong with one of them is a problem and leaves the others as they
   * are. Throws `ADVISORIES_UNREADABLE` when the file ends in the middle: half of one is not built from.
   */
  readonly read: (file: FeedFile) => Iterable<FeedRecord>;
}
