export { ageOf, type DatabaseAge, defaultMaxAgeMilliseconds, expired } from "./database/age.ts";
export { buildDatabase, type BuildDatabaseOptions, type BuildResult } from "./database/build.ts";
export { type CompleteOptions, type OpenPlace } from "./database/complete.ts";
export { AdvisoryDatabase, databaseStatus, openDatabase, type OpenDatabaseOptions } from "./database/open.ts";
export { ecosystemsOf } from "./locate.ts";
export { matchInventory, type MatchOptions, type ScanResult } from "./match.ts";
export {
  type Coverage,
  type EcosystemCoverage,
  type Uncompared,
  type UncomparedReason,
  uncomparedReasons,
} from "./coverage.ts";
export { type DatabaseFacts, type EcosystemFacts } from "./database-facts.ts";
export { describeEndOfLife, endOfLife, type EndOfLife } from "./end-of-life.ts";
export { ecosystems } from "./ecosystem.ts";
export { type EcosystemTells } from "./ecosystems/ecosystem.ts";
export { type FalseMatch, type Match } from "./false-match.ts";
export { falseMatches } from "./false-matches/index.ts";
export { type MatchedInventory, type Owner, type Surroundings } from "./surroundings.ts";
export {
  describeScanners,
  mergeFindings,
  type NamedFindings,
  resolveScanners,
  type ScannerFacts,
  type ScannerName,
  scannerNames,
} from "./scanners.ts";
export { scanErrorCodes } from "./error-codes.ts";
export { type Comparison, type ReportFormat, type ReportOptions, type ReportStyle, type ScanReport } from "./report.ts";
export { type VersionScheme } from "./version-scheme.ts";
export { versionSchemes } from "./versions/index.ts";
export { explainFindings, findingsById } from "./report-parts/explain.ts";
export { applyVex } from "./vex/apply.ts";
export { readVex } from "./vex/read.ts";
export { type VexDocument, type VexProduct, type VexStatement, type VexStatus } from "./vex/statement.ts";
export { reports } from "./reports/index.ts";
export {
  type DatabasePlace,
  type DatabaseSource,
  signatureFileName,
  type SignedIndex,
  wireFile,
} from "./database/distribution.ts";
export {
  type InstallDatabaseOptions,
  installDatabase,
  type InstalledDatabase,
  type VerifiedIndex,
} from "./database/install.ts";
export { type DatabaseOrigin } from "./database/origin.ts";
export { packDatabase, type PackDatabaseOptions, type PackedFile, readSignable } from "./database/pack.ts";
export { writeOrigin } from "./database/replace.ts";
export { openExportFile, writeExportFile } from "./database/sources/export-file.ts";
export { openDatabaseFolder, writeDatabaseFolder } from "./database/sources/folder.ts";
export { openDatabaseMirror } from "./database/sources/mirror.ts";
export { escapeHtml, escapeMarkdown, markdownCode } from "./report-parts/escape.ts";
export { advisoryUrl, countedFindings, stableName, titleOf } from "./report-parts/facts.ts";
export { layerOf, renderFilter } from "./report-parts/html-findings.ts";
export { type PageParts, renderPage } from "./report-parts/html-page.ts";
export { renderCuts, renderScanSections, type ScanSections } from "./report-parts/html-scan.ts";
export { describeReport } from "./reports/json.ts";
export { formatTime, severityLabels } from "./table-page.ts";
export { groupByUpgrade, type Upgrade } from "./upgrades.ts";
