import { Decoder, type Descriptor, digestOf, type JsonObject, parseJson, ScError } from "@sc/model";
import { decodeDescriptor } from "../descriptor.ts";
import { maxLayoutEntries, maxLayoutIndexBytes } from "../limits.ts";
import { isIndexMediaType, mediaTypes } from "../media-type.ts";

/** The name of an entry: what a tag is in a registry. */
export const refNameAnnotation = "org.opencontainers.image.ref.name";
const containerdNameAnnotation = "io.containerd.image.name";

/** One manifest that a layout's `index.json` lists. */
export interface LayoutEntry {
  readonly descriptor: Descriptor;
  /** As it stands in the file, so that writing the file again loses nothing. */
  readonly json: JsonObject;
}

/** A layout's `index.json`, decoded. */
export interface LayoutIndex {
  readonly entries: readonly LayoutEntry[];
  /** The file's other members. */
  readonly members: JsonObject;
  /** The file's own descriptor: where it lists one image's platforms without naming them, it is that image's index. */
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** The content of the file `oci-layout`. */
export const layoutVersion: Uint8Array = Buffer.from('{"imageLayoutVersion":"1.0.0"}');
/** An `index.json` that lists nothing. */
export const emptyIndexMembers: JsonObject = { schemaVersion: 2, mediaType: mediaTypes.ociIndex };

/**
 * A layout's `index.json`. Throws `LAYOUT_INVALID`, `JSON_INVALID`, `DECODE_FAILED`.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export function decodeLayoutIndex(bytes: Uint8Array, where: string): LayoutIndex {
  if (bytes.length > maxLayoutIndexBytes) throw invalid(where, `has more than ${maxLayoutIndexBytes} bytes`);
  const value = parseJson(bytes, where);
  const document = new Decoder(value, where);
  if (document.member("schemaVersion").count() !== 2) throw document.member("schemaVersion").wrong("2");
  const mediaType = document.member("mediaType").optional((present) => present.string()) ?? mediaTypes.ociIndex;
  if (!isIndexMediaType(mediaType)) throw document.member("mediaType").wrong("the media type of an index");
  const list = document.member("manifests");
  const elements = list.optional((present) => present.array()) ?? [];
  if (elements.length > maxLayoutEntries) throw invalid(where, `lists more than ${maxLayoutEntries} manifests`);
  const { manifests: _, ...members } = document.object();
  return {
    entries: elements.map((element) => ({ descriptor: decodeDescriptor(element), json: element.object() })),
    members,
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    bytes,
  };
}

/** The bytes of an `index.json`, the same for the same entries. */
export function encodeLayoutIndex(members: JsonObject, entries: readonly LayoutEntry[]): Uint8Array {
  return Buffer.from(JSON.stringify({ ...members, manifests: entries.map((entry) => entry.json) }));
}

/** Throws `LAYOUT_INVALID` unless the bytes are an `oci-layout` file of version 1. */
export function checkLayoutVersion(bytes: Uint8Array, where: string): void {
  const version = new Decoder(parseJson(bytes, where), where).member("imageLayoutVersion").string();
  if (!version.startsWith("1."))
    throw invalid(where, `has layout version ${JSON.stringify(version.slice(0, 40))}, not 1`);
}

/** The names an entry goes by: the specification's annotation, and the one containerd and buildx write beside it. */
export function entryNames(entry: LayoutEntry): readonly string[] {
  const { annotations } = entry.descriptor;
  return [annotations?.[refNameAnnotation], annotations?.[containerdNameAnnotation]].filter(
    (name) => name !== undefined,
  );
}

function invalid(where: string, what: string): ScError {
  return new ScError("LAYOUT_INVALID", `${where}: ${what}`);
}
