export { archiveErrorCodes } from "./error-codes.ts";
