import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/rootfs` throws. */
export const rootfsErrorCodes: ErrorCodes = {
  FILE_TOO_LARGE: { exit: 4, summary: "A file inside the image is larger than its reader is prepared to hold." },
  IMAGE_LIMIT_EXCEEDED: {
    exit: 4,
    summary: "An image is larger than a bound that protects against hostile input.",
  },
  LAYER_DIGEST_MISMATCH: { exit: 1, summary: "The bytes of a layer are not those its descriptor names." },
  LAYER_SIZE_MISMATCH: { exit: 1, summary: "A layer has more or fewer bytes than its descriptor says." },
  WORKER_FAILED: { exit: 4, summary: "A worker thread that reads layers ended before it answered.", retryable: true },
};
