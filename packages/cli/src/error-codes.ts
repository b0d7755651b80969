import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/cli` throws. */
export const cliErrorCodes: ErrorCodes = {};
