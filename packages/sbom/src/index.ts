export { type CatalogInput, catalogInventory } from "./catalog.ts";
export { type CatalogContext, type Cataloger, type CatalogResult, type FoundPackage } from "./cataloger.ts";
export { catalogersVersion } from "./catalogers-version.ts";
export { type ComponentFacts, type DocumentFacts, type ToolFacts } from "./document-facts.ts";
export { type ChangedPackage, diffInventories, type DiffPackage, type InventoryDiff } from "./diff.ts";
export { type DocumentFormat, type DocumentReading, type WriteDocumentOptions } from "./document.ts";
export { type DocumentSyntax } from "./document-syntax.ts";
export { documentFormats } from "./documents/index.ts";
export { sbomErrorCodes } from "./error-codes.ts";
export { excludePackages } from "./exclude.ts";
export {
  countLicenses,
  evaluateLicenses,
  type LicenseCount,
  type LicensePolicy,
  type LicenseViolation,
} from "./license-policy.ts";
export { lintDocument, type LintReport, type LintResult } from "./lint/lint-document.ts";
export { type LintProfile } from "./lint/profiles.ts";
export { type PackageQuery, queryPackages } from "./query.ts";
export { isPurlList, readPurlList } from "./read-purl-list.ts";
export {
  documentFormatIds,
  findDocumentFormat,
  openDocument,
  type OpenedDocument,
  type ReadDocumentOptions,
} from "./read-document.ts";
export {
  type InventoryInput,
  type InventoryLayer,
  type InventoryOptions,
  type InventoryScope,
  inventoryScopes,
  InventoryWorkers,
  takeInventory,
  type StartLayerWorker,
} from "./take-inventory.ts";
