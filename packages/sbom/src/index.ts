export { type CatalogInput, catalogInventory } from "./catalog.ts";
export { type CatalogContext, type Cataloger, type CatalogResult, type FoundPackage } from "./cataloger.ts";
export { catalogers } from "./catalogers/index.ts";
export { type DocumentFormat, type WriteDocumentOptions } from "./document.ts";
export { documentFormats } from "./documents/index.ts";
export { sbomErrorCodes } from "./error-codes.ts";
export { type InventoryInput, type InventoryLayer, type InventoryOptions, takeInventory } from "./take-inventory.ts";
