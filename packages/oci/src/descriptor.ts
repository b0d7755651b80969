import { type Decoder, type Descriptor, type Platform, ScError } from "@sc/model";

const mediaTypePattern = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const descriptorMembers = ["mediaType", "digest", "size", "artifactType", "annotations", "platform", "urls", "data"];

/**
 * The descriptor in an outside document. Throws `DECODE_FAILED`, naming the place.
 *
 * Embedded content (`data`) is left out: what is read is read from the store and verified.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md
 */
export function decodeDescriptor(decoder: Decoder): Descriptor {
  refuseLookalikes(decoder, descriptorMembers);
  const artifactType = decoder.member("artifactType").optional(decodeMediaType);
  const annotations = decoder.member("annotations").optional((present) => present.strings());
  const platform = decoder.member("platform").optional(decodePlatform);
  const urls = decoder.member("urls").optional((present) => present.array().map((url) => url.string()));
  return {
    mediaType: decodeMediaType(decoder.member("mediaType")),
    digest: decoder.member("digest").digest(),
    size: decoder.member("size").count(),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform }),
    ...(urls === undefined || urls.length === 0 ? {} : { urls }),
  };
}

/** A media type as RFC 6838 restricts it. Throws `DECODE_FAILED`. */
export function decodeMediaType(decoder: Decoder): string {
  const text = decoder.string();
  if (mediaTypePattern.test(text)) return text;
  throw decoder.wrong("a media type");
}

/** The platform object of a descriptor or a configuration. Throws `DECODE_FAILED`. */
export function decodePlatform(decoder: Decoder): Platform {
  const variant = optionalText(decoder.member("variant"));
  const osVersion = optionalText(decoder.member("os.version"));
  return {
    os: decoder.member("os").string(),
    architecture: decoder.member("architecture").string(),
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { "os.version": osVersion }),
  };
}

function optionalText(decoder: Decoder): string | undefined {
  const text = decoder.optional((present) => present.string());
  return text === "" ? undefined : text;
}

/**
 * Refuses a document with a member that differs from a known one only in case: decoders written in Go read `Layers` as
 * `layers`, so that two readers would see two images under one digest. Throws `MANIFEST_AMBIGUOUS`.
 */
export function refuseLookalikes(decoder: Decoder, known: readonly string[]): void {
  for (const name of Object.keys(decoder.object())) {
    if (known.includes(name)) continue;
    const lookalike = known.find((member) => fold(member) === fold(name));
    if (lookalike === undefined) continue;
    throw new ScError(
      "MANIFEST_AMBIGUOUS",
      `${decoder.path}: member ${JSON.stringify(name.slice(0, 80))} reads as ${JSON.stringify(lookalike)} in some tools and not in others`,
    );
  }
}

// Both mappings, since Go folds the long s to s and the Kelvin sign to k.
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
