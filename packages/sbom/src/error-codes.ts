import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/sbom` throws. */
export const sbomErrorCodes: ErrorCodes = {};
