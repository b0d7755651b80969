import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/rootfs` throws. */
export const rootfsErrorCodes: ErrorCodes = {
  FILE_TOO_LARGE: {
    exit: 4,
    summary: "A file inside the image is larger than its reader is prepared to hold.",
    hint: "Raise the limit only if you trust whoever built the image.",
  },
  IMAGE_LIMIT_EXCEEDED: {
    exit: 4,
    summary: "An image is larger than a bound that protects against hostile input.",
    hint: "Raise the limit only if you trust whoever built the image.",
  },
  LAYER_DIGEST_MISMATCH: {
    exit: 4,
    summary: "The bytes of a layer are not those its descriptor names.",
    hint: "Do not use the image; get it again, and if it stays so, from another place.",
  },
  LAYER_SIZE_MISMATCH: {
    exit: 4,
    summary: "A layer has more or fewer bytes than its descriptor says.",
    hint: "Do not use the image; get it again, and if it stays so, from another place.",
  },
  WORKER_FAILED: {
    exit: 4,
    summary: "A worker thread that reads layers ended before it answered.",
    retryable: true,
    hint: "Try again with fewer jobs or more memory.",
  },
};
