export { policyErrorCodes } from "./error-codes.ts";
