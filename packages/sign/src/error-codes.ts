import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/sign` throws. */
export const signErrorCodes: ErrorCodes = {};
