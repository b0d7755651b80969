export { signErrorCodes } from "./error-codes.ts";
