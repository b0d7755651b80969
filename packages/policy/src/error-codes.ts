import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/policy` throws. */
export const policyErrorCodes: ErrorCodes = {};
