import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/http` throws. */
export const httpErrorCodes: ErrorCodes = {};
