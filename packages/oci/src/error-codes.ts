import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/oci` throws. */
export const ociErrorCodes: ErrorCodes = {
  ARCHIVE_INVALID: {
    exit: 4,
    summary: "A file is not an archive of images, or is damaged.",
    hint: "Save the image again, with docker save or as an OCI archive.",
  },
  BLOB_NOT_FOUND: {
    exit: 4,
    summary: "Content that a manifest refers to is not there.",
    hint: "Push the image again: the place no longer holds all of it.",
  },
  BLOB_TOO_LARGE: {
    exit: 4,
    summary: "Content is larger than what is read of its kind.",
    hint: "Check who wrote it; content of this kind is never this large.",
  },
  CONFIG_TOO_LARGE: {
    exit: 4,
    summary: "An image's configuration is larger than any real one.",
    hint: "Check who built the image; no honest configuration is this large.",
  },
  CREDENTIALS_INVALID: { exit: 3, summary: "A file or value that holds registry credentials cannot be used." },
  CREDENTIAL_HELPER_FAILED: { exit: 3, summary: "A docker credential helper failed or is not installed." },
  DELETE_UNSUPPORTED: { exit: 4, summary: "The registry does not let tags or manifests be deleted." },
  DESTINATION_EXISTS: {
    exit: 3,
    summary: "The file to be written is there already and cannot be added to.",
    hint: "Name a file that is not there yet, or remove it first.",
  },
  DIGEST_MISMATCH: {
    exit: 4,
    summary: "Content is not what its digest says: it was damaged or replaced.",
    hint: "Do not use the content; get it again, and if it stays so, from another place.",
  },
  FILE_NOT_FOUND: { exit: 3, summary: "A file that was named is not there.", hint: "Check the path." },
  FILE_READ_FAILED: {
    exit: 4,
    summary: "A local file could not be read.",
    hint: "Check that the file is there, is a file, and may be read by this user.",
  },
  FILE_WRITE_FAILED: {
    exit: 4,
    summary: "A local file could not be written.",
    hint: "Check the path, its permissions and the free space of the disk.",
  },
  FOREIGN_LAYER: { exit: 4, summary: "A foreign layer is not stored with the image; its addresses are not followed." },
  GRAPH_TOO_LARGE: { exit: 4, summary: "An image has more manifests or referrers than are followed." },
  IMAGE_AMBIGUOUS: { exit: 3, summary: "The place holds several images and the reference does not say which." },
  IMAGE_NOT_FOUND: { exit: 4, summary: "The place has no image of that name.", hint: "Check the name, tag or digest." },
  INDEX_TOO_DEEP: {
    exit: 4,
    summary: "Indexes nest deeper, or list more images, than any real ones.",
    hint: "Name one image of the index by its digest.",
  },
  LAYER_COUNT_MISMATCH: {
    exit: 4,
    summary: "An image's manifest and configuration disagree on the number of layers.",
    hint: "Build the image again.",
  },
  LAYER_ENCRYPTED: { exit: 4, summary: "A layer is encrypted and cannot be read." },
  LAYOUT_INVALID: {
    exit: 4,
    summary: "A folder is not an OCI layout, or not one that can be read.",
    hint: "Check that the folder is an OCI layout: it holds oci-layout, index.json and blobs.",
  },
  LAYOUT_LOCKED: { exit: 4, summary: "Another process is writing to the same layout.", retryable: true },
  MANIFEST_AMBIGUOUS: {
    exit: 4,
    summary: "A manifest can be read as two different things (CVE-2021-41190).",
    hint: "Do not use the image; build it again with one kind of manifest.",
  },
  MANIFEST_CHANGED: { exit: 4, summary: "A tag was changed by somebody else meanwhile.", retryable: true },
  MANIFEST_NOT_FOUND: {
    exit: 4,
    summary: "A manifest that an index refers to is not there.",
    hint: "Push the image again: the place no longer holds all of it.",
  },
  MANIFEST_TOO_LARGE: {
    exit: 4,
    summary: "A manifest is larger, or lists more, than any real one.",
    hint: "Check who built the image; no honest manifest is this large.",
  },
  MEDIA_TYPE_MISMATCH: {
    exit: 4,
    summary: "A manifest says it is of another type than it was announced as.",
    hint: "Do not use the image; get it again, and if it stays so, from another place.",
  },
  MEDIA_TYPE_UNSUPPORTED: {
    exit: 4,
    summary: "A manifest or layer is of a media type that is not read here.",
    hint: "Check that the reference names an image, and build it with OCI or Docker media types.",
  },
  NOT_AN_IMAGE: { exit: 3, summary: "The reference names an artifact such as a signature, not an image." },
  OCI_UNAUTHORIZED: { exit: 4, summary: "The registry wants credentials, or refused those it was sent." },
  PLATFORM_INVALID: { exit: 3, summary: "A platform is not written as os/arch[/variant]." },
  PLATFORM_NOT_FOUND: { exit: 3, summary: "The image does not exist for the platform asked for." },
  REFERENCE_INVALID: { exit: 3, summary: "A text does not name an image in any of the known forms." },
  REFERRERS_INVALID: {
    exit: 4,
    summary: "The list of what refers to a manifest is no image index, or is endless.",
    hint: "Report it to the registry's operator.",
  },
  REGISTRY_DENIED: { exit: 4, summary: "The registry does not allow this to whom it knows the caller as." },
  REGISTRY_FAILED: { exit: 4, summary: "The registry failed.", retryable: true },
  REGISTRY_RATE_LIMITED: { exit: 4, summary: "The registry allows no more requests for now.", retryable: true },
  REGISTRY_REFUSED: { exit: 4, summary: "The registry refused a request as wrong." },
  REGISTRY_RESPONSE_INVALID: {
    exit: 4,
    summary: "A registry's answer is not what the distribution specification says.",
    hint: "Check that the host is a registry and no proxy or sign-in page answers for it.",
  },
  REPOSITORY_NOT_FOUND: { exit: 4, summary: "The registry has no such repository, or hides it from the caller." },
  SCHEMA1_UNSUPPORTED: { exit: 4, summary: "The image has Docker's schema 1 manifest, which is no longer read." },
  SCHEME_UNSUPPORTED: { exit: 3, summary: "A kind of place cannot be read from or written to here." },
  SIZE_MISMATCH: {
    exit: 4,
    summary: "Content is longer or shorter than its descriptor says.",
    hint: "Do not use the content; get it again, and if it stays so, from another place.",
  },
  TOKEN_FAILED: {
    exit: 4,
    summary: "The registry's token service gave no token.",
    hint: "Check the registry's token service, and log in again.",
  },
};
