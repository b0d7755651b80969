export { scanErrorCodes } from "./error-codes.ts";
