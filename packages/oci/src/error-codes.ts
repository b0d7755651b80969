import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/oci` throws. */
export const ociErrorCodes: ErrorCodes = {
  BLOB_TOO_LARGE: { exit: 4, summary: "Content is larger than what is read of its kind." },
  CONFIG_TOO_LARGE: { exit: 4, summary: "An image's configuration is larger than any real one." },
  DIGEST_MISMATCH: { exit: 4, summary: "Content is not what its digest says: it was damaged or replaced." },
  FILE_NOT_FOUND: { exit: 3, summary: "A file that was named is not there." },
  FILE_READ_FAILED: { exit: 4, summary: "A local file could not be read." },
  FILE_WRITE_FAILED: { exit: 4, summary: "A local file could not be written." },
  FOREIGN_LAYER: {
    exit: 4,
    summary: "A foreign layer is not stored with the image, and its addresses are not followed.",
  },
  IMAGE_NOT_FOUND: { exit: 4, summary: "The place has no image of that name." },
  INDEX_TOO_DEEP: { exit: 4, summary: "Indexes nest deeper, or list more images, than any real ones." },
  LAYER_COUNT_MISMATCH: { exit: 4, summary: "An image's manifest and configuration disagree on the number of layers." },
  LAYER_ENCRYPTED: { exit: 4, summary: "A layer is encrypted and cannot be read." },
  MANIFEST_AMBIGUOUS: { exit: 4, summary: "A manifest can be read as two different things (CVE-2021-41190)." },
  MANIFEST_NOT_FOUND: { exit: 4, summary: "A manifest that an index refers to is not there." },
  MANIFEST_TOO_LARGE: { exit: 4, summary: "A manifest is larger, or lists more, than any real one." },
  MEDIA_TYPE_MISMATCH: { exit: 4, summary: "A manifest says it is of another type than it was announced as." },
  MEDIA_TYPE_UNSUPPORTED: { exit: 4, summary: "A manifest or layer is of a media type that is not read here." },
  NOT_AN_IMAGE: { exit: 3, summary: "The reference names an artifact such as a signature, not an image." },
  PLATFORM_INVALID: { exit: 3, summary: "A platform is not written as os/arch[/variant]." },
  PLATFORM_NOT_FOUND: { exit: 3, summary: "The image does not exist for the platform asked for." },
  REFERENCE_INVALID: { exit: 3, summary: "A text does not name an image in any of the known forms." },
  SCHEMA1_UNSUPPORTED: { exit: 4, summary: "The image has Docker's schema 1 manifest, which is no longer read." },
  SIZE_MISMATCH: { exit: 4, summary: "Content is longer or shorter than its descriptor says." },
};
