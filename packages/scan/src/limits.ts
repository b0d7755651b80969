/** Bytes of one advisory record: the largest real ones, of the Linux kernel, are a tenth of it. */
export const maxRecordBytes: number = 16 * 1024 * 1024;

/** Bytes of one list of a distribution's mended vulnerabilities: the largest real ones have ten megabytes. */
export const maxSecdbBytes: number = 128 * 1024 * 1024;

/** Packages that one record may name: distributions name every binary package of every release. */
export const maxAffectedPerRecord = 50_000;

/** Events of one range. Real ranges have two; one per release of a long-lived branch is a few hundred. */
export const maxEventsPerRange = 5_000;

/** Ranges that one record may give for one package. */
export const maxRangesPerPackage = 5_000;

/** Versions that one record may enumerate for one package. */
export const maxVersionsPerPackage = 100_000;

/** Binary packages that one record may list for one source package: those of a kernel with all flavours are hundreds. */
export const maxBinariesPerPackage = 20_000;

/** Ids that one record may name besides its own: collective advisories of a kernel name a thousand. */
export const maxIdsPerRecord = 10_000;

/** Characters of an advisory's description that are kept; what a person reads of one. */
export const maxDetailsLength = 16_384;

/** Characters of an advisory's summary that are kept. */
export const maxSummaryLength = 1_000;

/** References of one advisory that are kept. */
export const maxReferences = 100;

/** Characters of a version, a name or an id that are taken for one. Longer ones are compared with nothing. */
export const maxNameLength = 1_024;

/** Records of one zip: the largest export, of one distribution's images, has one and a quarter million. */
export const maxZipRecords = 10_000_000;

/** Bytes of a zip's list of records, which is held while it is read. */
export const maxZipDirectoryBytes: number = 1024 * 1024 * 1024;

/** Problems that a build keeps to show; it counts all of them. */
export const maxProblemsKept = 1_000;

/** Packages of the distribution that are asked about one package of a language: a file has one owner, rarely two. */
export const maxOwners = 20;
/** Bytes of a database's index: a line for each of some thirty ecosystems, with the names of its releases. */
export const maxIndexBytes: number = 16 * 1024 * 1024;

/** Bytes of the bundle over an index: a certificate, a log entry and a timestamp are ten kilobytes. */
export const maxSignatureBytes: number = 1024 * 1024;

/** Bytes of a file of EPSS scores, decompressed: three hundred thousand lines have fifteen megabytes. */
export const maxEpssBytes: number = 512 * 1024 * 1024;

/** Scores of one such file: twenty times the CVEs there are. */
export const maxEpssRows = 6_000_000;

/** Bytes of the list of known exploited vulnerabilities: that of 2026 has two megabytes. */
export const maxKevBytes: number = 64 * 1024 * 1024;

/** Files in an exported database: an ecosystem each, and two. */
export const maxExportEntries = 1_000;

/** Lines of a document in YAML, which costs by its lines: Alpine's largest list has some 30,000. */
export const maxYamlLines: number = 200_000;
