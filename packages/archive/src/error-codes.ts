import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/archive` throws. */
export const archiveErrorCodes: ErrorCodes = {};
