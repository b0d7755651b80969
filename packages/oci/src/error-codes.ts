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
  CREDENTIALS_INVALID: {
    exit: 3,
    summary: "A file or value that holds registry credentials cannot be used.",
    hint: "Mend the file, or log in again with docker login.",
  },
  CREDENTIAL_HELPER_FAILED: {
    exit: 3,
    summary: "A docker credential helper failed or is not installed.",
    hint: "Install the helper that config.json names, or remove it there and log in again.",
  },
  DELETE_UNSUPPORTED: {
    exit: 4,
    summary: "The registry does not let tags or manifests be deleted.",
    hint: "Remove it in the registry's own interface, or allow deletion there.",
  },
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
  FOREIGN_LAYER: {
    exit: 4,
    summary: "A foreign layer is not stored with the image; its addresses are not followed.",
    hint: "Get the image from a place that stores all its layers.",
  },
  GRAPH_TOO_LARGE: {
    exit: 4,
    summary: "An image has more manifests or referrers than are followed.",
    hint: "Remove referrers that nobody needs with sc image clean, or name one image by its digest.",
  },
  IMAGE_AMBIGUOUS: {
    exit: 3,
    summary: "The place holds several images and the reference does not say which.",
    hint: "Name one of them after the place: oci-layout:DIR:TAG.",
  },
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
  LAYER_ENCRYPTED: {
    exit: 4,
    summary: "A layer is encrypted and cannot be read.",
    hint: "Decrypt the image first; sc holds no keys for layers.",
  },
  LAYOUT_INVALID: {
    exit: 4,
    summary: "A folder is not an OCI layout, or not one that can be read.",
    hint: "Check that the folder is an OCI layout: it holds oci-layout, index.json and blobs.",
  },
  LAYOUT_LOCKED: {
    exit: 4,
    summary: "Another process is writing to the same layout.",
    hint: "Wait for the other process to end, and try again.",
    retryable: true,
  },
  MANIFEST_AMBIGUOUS: {
    exit: 4,
    summary: "A manifest can be read as two different things (CVE-2021-41190).",
    hint: "Do not use the image; build it again with one kind of manifest.",
  },
  MANIFEST_CHANGED: {
    exit: 4,
    summary: "A tag was changed by somebody else meanwhile.",
    hint: "Try again: what the other one wrote is kept.",
    retryable: true,
  },
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
  NOT_AN_IMAGE: {
    exit: 3,
    summary: "The reference names an artifact such as a signature, not an image.",
    hint: "Name the image itself: sc image tree REF shows what belongs to it.",
  },
  OCI_UNAUTHORIZED: {
    exit: 4,
    summary: "The registry wants credentials, or refused those it was sent.",
    hint: "Log in with docker login or podman login, or give --username and --password-stdin.",
  },
  PLATFORM_INVALID: {
    exit: 3,
    summary: "A platform is not written as os/arch[/variant].",
    hint: "Write it as linux/amd64 or linux/arm64/v8.",
  },
  PLATFORM_NOT_FOUND: {
    exit: 3,
    summary: "The image does not exist for the platform asked for.",
    hint: "See the platforms there are with: sc image tree REF",
  },
  REFERENCE_INVALID: {
    exit: 3,
    summary: "A text does not name an image in any of the known forms.",
    hint: "Write registry/repository:tag, or a place such as oci-layout:DIR or docker-archive:FILE.",
  },
  REFERRERS_INVALID: {
    exit: 4,
    summary: "The list of what refers to a manifest is no image index, or is endless.",
    hint: "Report it to the registry's operator.",
  },
  REGISTRY_DENIED: {
    exit: 4,
    summary: "The registry does not allow this to whom it knows the caller as.",
    hint: "Have the account or token allowed to do this with the repository.",
  },
  REGISTRY_FAILED: { exit: 4, summary: "The registry failed.", hint: "Try again later.", retryable: true },
  REGISTRY_RATE_LIMITED: {
    exit: 4,
    summary: "The registry allows no more requests for now.",
    hint: "Wait, or log in for a higher limit.",
    retryable: true,
  },
  REGISTRY_REFUSED: {
    exit: 4,
    summary: "The registry refused a request as wrong.",
    hint: "Check that the registry knows what was asked of it; -v shows the request.",
  },
  REGISTRY_RESPONSE_INVALID: {
    exit: 4,
    summary: "A registry's answer is not what the distribution specification says.",
    hint: "Check that the host is a registry and no proxy or sign-in page answers for it.",
  },
  REPOSITORY_NOT_FOUND: {
    exit: 4,
    summary: "The registry has no such repository, or hides it from the caller.",
    hint: "Check the spelling, and log in: registries hide private repositories.",
  },
  SCHEMA1_UNSUPPORTED: {
    exit: 4,
    summary: "The image has Docker's schema 1 manifest, which is no longer read.",
    hint: "Push the image again with a current docker or podman.",
  },
  SCHEME_UNSUPPORTED: {
    exit: 3,
    summary: "A kind of place cannot be read from or written to here.",
    hint: "Copy the image to a kind of place that can be used here: sc image copy FROM TO",
  },
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
