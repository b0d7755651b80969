export { ociErrorCodes } from "./error-codes.ts";
export { type ImageDestination, type ImageSource, type OpenBlobOptions } from "./source.ts";
