import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/pipeline` throws. */
export const pipelineErrorCodes: ErrorCodes = {};
