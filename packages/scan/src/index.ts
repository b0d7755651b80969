export { type Coverage, type EcosystemCoverage, type Uncompared, type UncomparedReason } from "./coverage.ts";
export { type DatabaseFacts, type EcosystemFacts } from "./database-facts.ts";
export { scanErrorCodes } from "./error-codes.ts";
export { type ReportFormat, type ReportOptions, type ReportStyle, type ScanReport } from "./report.ts";
export { type VersionScheme } from "./version-scheme.ts";
export { versionSchemes } from "./versions/index.ts";
