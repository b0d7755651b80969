import type { Call } from "@sc/model";

/** The signature of the index, where a database is distributed: a Sigstore bundle over the index's bytes. */
export const signatureFileName = "index.json.sigstore.json";

/** The name that an ecosystem's file has where it is distributed: compressed with zstd. */
export function wireFile(file: string): string {
  return `${file}.zst`;
}

/** What a place that a database is fetched from can be. */
export const placeKinds = ["mirror", "artifact", "folder", "export"] as const;

/** Where a very state of a database can be asked for again, by whoever opens places of that kind. */
export interface DatabasePlace {
  readonly kind: (typeof placeKinds)[number];
  /** An address, a reference by digest, or an absolute path. Never with credentials. */
  readonly at: string;
}

/** An index as it was found, nothing verified. */
export interface SignedIndex {
  readonly bytes: Uint8Array;
  /** The Sigstore bundle; absent when there is none. */
  readonly signature?: Uint8Array;
  /** What the place calls this state of it. */
  readonly etag?: string;
}

/**
 * One place that a database is fetched from: a mirror, an artifact of a registry, an exported file or folder. All hold the
 * same files: `index.json`, its signature, and the ecosystems' files, each by the name that the index gives it and
 * compressed with zstd. Nothing that comes out of it is verified.
 */
export interface DatabaseSource extends AsyncDisposable {
  /** What the place is called in messages. */
  readonly name: string;
  /** Where it can be asked again; absent where that cannot be written down. */
  readonly place?: DatabasePlace;
  /** The index; `undefined` when it is still what the place called by this etag. */
  fetchIndex(options?: Call & { readonly etag?: string | undefined }): Promise<SignedIndex | undefined>;
  /** The compressed bytes of an ecosystem's file. */
  openShard(file: string, call?: Call): Promise<AsyncIterable<Uint8Array>>;
}
