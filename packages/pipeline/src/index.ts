export { pipelineErrorCodes } from "./error-codes.ts";
