/** The tags of a package that hold one value each, with the member of the JSON form they stand for, in writing order. */
export const packageTags: readonly (readonly [tag: string, member: string])[] = [
  ["PackageName", "name"],
  ["SPDXID", "SPDXID"],
  ["PackageVersion", "versionInfo"],
  ["PackageFileName", "packageFileName"],
  ["PackageSupplier", "supplier"],
  ["PackageOriginator", "originator"],
  ["PackageDownloadLocation", "downloadLocation"],
  ["FilesAnalyzed", "filesAnalyzed"],
  ["PackageHomePage", "homepage"],
  ["PackageSourceInfo", "sourceInfo"],
  ["PackageLicenseConcluded", "licenseConcluded"],
  ["PackageLicenseDeclared", "licenseDeclared"],
  ["PackageLicenseComments", "licenseComments"],
  ["PackageCopyrightText", "copyrightText"],
  ["PackageSummary", "summary"],
  ["PackageDescription", "description"],
  ["PackageComment", "comment"],
  ["PrimaryPackagePurpose", "primaryPackagePurpose"],
];

/** The tags of the document itself that hold one value each. */
export const documentTags: readonly (readonly [tag: string, member: string])[] = [
  ["SPDXVersion", "spdxVersion"],
  ["DataLicense", "dataLicense"],
  ["SPDXID", "SPDXID"],
  ["DocumentName", "name"],
  ["DocumentNamespace", "documentNamespace"],
  ["DocumentComment", "comment"],
];

/** The tags of a licence that the document explains itself. */
export const licenseTags: readonly (readonly [tag: string, member: string])[] = [
  ["LicenseID", "licenseId"],
  ["ExtractedText", "extractedText"],
  ["LicenseName", "name"],
  ["LicenseComment", "comment"],
];
