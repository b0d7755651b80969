import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/oci` throws. */
export const ociErrorCodes: ErrorCodes = {};
