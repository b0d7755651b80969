import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/rootfs` throws. */
export const rootfsErrorCodes: ErrorCodes = {};
