export { httpErrorCodes } from "./error-codes.ts";
