export { sbomErrorCodes } from "./error-codes.ts";
export { type CatalogContext, type Cataloger, type FoundPackage } from "./cataloger.ts";
