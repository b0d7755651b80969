import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/scan` throws. */
export const scanErrorCodes: ErrorCodes = {};
