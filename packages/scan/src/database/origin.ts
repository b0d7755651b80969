import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Decoder, type Digest, digestHex, digestOf, isScError, parseJson } from "@sc/model";
import { type DatabasePlace, placeKinds } from "./distribution.ts";

/** What is known of where a database came from; nothing of it is needed to read it. */
export interface DatabaseOrigin {
  /** The Sigstore bundle over the index's bytes. */
  readonly signature?: string;
  /** By whom that signature was when it was last verified, for people. */
  readonly signer?: string;
  /** What it was fetched from. */
  readonly source?: string;
  /** Where parts of this very state can be fetched later. */
  readonly place?: DatabasePlace;
  /** What that source called this state of it. */
  readonly etag?: string;
  /** When the source last said that there is nothing newer, RFC 3339. */
  readonly checked?: string;
  /** The ecosystems whose files were asked for; all of them when absent. */
  readonly ecosystems?: readonly string[];
}

/** The name of the file that keeps the origin of the database with this index: a new index has a new one. */
export function originFile(index: Uint8Array): string {
  return `origin-${digestHex(digestOf(index)).slice(0, 16)}.json`;
}

/** Whether a file's name is one that `originFile` gives. */
export function isOriginFile(name: string): boolean {
  return /^origin-[0-9a-f]{16}\.json$/.test(name);
}

/** The bytes of an origin file. The digest of the index stands in it, whole. */
export function encodeOrigin(origin: DatabaseOrigin, index: Uint8Array): string {
  return `${JSON.stringify({ index: digestOf(index), ...origin })}\n`;
}

/** What is kept of the origin of the database with this index: nothing where that cannot be read. */
export async function readOrigin(folder: string, index: Uint8Array): Promise<DatabaseOrigin> {
  const path = join(folder, originFile(index));
  try {
    return decodeOrigin(new Decoder(parseJson(await readFile(path), path), path), digestOf(index));
  } catch (cause) {
    // It only saves work, and what is verified is verified anew: without it the database is one of unknown origin.
    if (isScError(cause) || (cause instanceof Error && "code" in cause)) return {};
    throw cause;
  }
}

function decodeOrigin(document: Decoder, index: Digest): DatabaseOrigin {
  if (document.member("index").digest() !== index) return {};
  const names = ["signature", "signer", "source", "etag", "checked"] as const;
  const texts = names.flatMap((name) => {
    const text = document.member(name).optional((member) => member.string());
    return text === undefined ? [] : [[name, text] as const];
  });
  const ecosystems = document.member("ecosystems").optional((member) => member.array().map((one) => one.string()));
  const place = document.member("place").optional(decodePlace);
  return {
    ...Object.fromEntries(texts),
    ...(place === undefined ? {} : { place }),
    ...(ecosystems === undefined ? {} : { ecosystems }),
  };
}

// One of a kind that only a later version knows is none.
function decodePlace(place: Decoder): DatabasePlace | undefined {
  const named = place.member("kind").string();
  const kind = placeKinds.find((one) => one === named);
  return kind === undefined ? undefined : { kind, at: place.member("at").string() };
}
