/** How much of one file of the image a cataloger reads. What is larger is a problem, and the inventory incomplete. */
export const limits = {
  /** A package database: the largest seen (a full desktop's dpkg status) is 8 MiB. */
  maxDatabaseBytes: 67_108_864,
  /** A package database that is read page by page: the largest seen, of a workstation, is 300 MiB. */
  maxPagedDatabaseBytes: 1_073_741_824,
  /** A manifest of one package, such as package.json or METADATA: the largest seen is 2 MiB. */
  maxManifestBytes: 16_777_216,
  /** A file that people write by hand, such as a workflow: the largest seen is 150 KiB. */
  maxWrittenBytes: 524_288,
  /** Lines of a YAML file, which costs by its lines: the largest lock file seen has 120,000. */
  maxYamlLines: 200_000,
  /** Records of one database: the largest seen holds 6,000. */
  maxRecords: 100_000,
  /** Fields of one record: dpkg knows about 40. */
  maxFields: 1000,
  /** Files that one package or database names. */
  maxFiles: 1_000_000,
  /** Files of one Python project: the largest seen, ansible's, lists some 30,000. */
  maxProjectFiles: 200_000,
  /** Bytes of a manifest of slices, uncompressed: those of .NET's images have less than one MiB. */
  maxSlicesBytes: 16_777_216,
  /** Characters of a path: PATH_MAX of Linux. */
  maxPathChars: 4096,
  /** Characters of all the paths that one database names: the largest seen has 20 million. */
  maxPathListChars: 134_217_728,
  /** Problems reported of one file; the rest is counted in the last. */
  maxFaults: 20,
  /** Characters of a name. */
  maxNameChars: 1024,
  /** Characters of a version: no ecosystem's own tool takes more. */
  maxVersionChars: 512,
  /** Characters of a text for people, which is cut there. */
  maxTextChars: 4096,
  /** Facts that are looked at once more for what older layers show: 20 layers of the largest distribution's database. */
  maxHistoryFacts: 2_000_000,
  /** Packages listed of one problem by name: enough to know what it is about. */
  maxNamedPackages: 10,
  /** Dependencies that one lock file states: the largest seen states 60,000. */
  maxLockEdges: 1_000_000,
  /** Names that one package depends on, or provides. */
  maxNames: 10_000,
} as const;
