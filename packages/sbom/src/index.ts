export { type CatalogContext, type Cataloger, type CatalogResult, type FoundPackage } from "./cataloger.ts";
export { catalogers } from "./catalogers/index.ts";
export { sbomErrorCodes } from "./error-codes.ts";
