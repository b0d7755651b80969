export { cliErrorCodes } from "./error-codes.ts";
