import { Buffer } from "node:buffer";
import { type ZipEntry, ZipReader } from "@sc/archive";
import { formatPurl, isScError, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { normalizePythonName, parsePythonMetadata, type PythonMetadata } from "../read/python-metadata.ts";
import { malformed, unreadable } from "../read/too-large.ts";

/** Python projects in eggs and wheels, which Python runs as they are and which pip keeps to install from. */
export const pythonArchives: Cataloger<PythonMetadata> = {
  id: "python-archives",
  version: 1,
  evidence: "installed",
  among: { extensions: ["egg", "whl"] },
  wants: (file) => (file.path.endsWith(".egg") || file.path.endsWith(".whl")) && file.size > 0,
  read: readArchive,
  *catalog(found) {
    for (const [path, metadata] of found) yield packageOf(metadata, path);
  },
};

function readArchive(file: CapturedFile): PythonMetadata | Problem | undefined {
  try {
    const zip = new ZipReader(file, { where: file.path });
    const entry = metadataOf(zip);
    if (entry === undefined) return undefined;
    const metadata = parsePythonMetadata(Buffer.from(zip.read(entry, limits.maxManifestBytes)).toString("utf8"));
    return typeof metadata === "string" ? malformed(file, metadata) : metadata;
  } catch (error) {
    if (isScError(error)) return unreadable(file, "the archive cannot be read");
    throw error;
  }
}

function metadataOf(zip: ZipReader): ZipEntry | undefined {
  for (const entry of zip.entries()) {
    if (entry.path === "EGG-INFO/PKG-INFO" || /^[^/]+\.dist-info\/METADATA$/.test(entry.path)) return entry;
  }
  return undefined;
}

function packageOf({ name, version, licenses, author, summary, homepage }: PythonMetadata, path: string): FoundPackage {
  return defined<FoundPackage>({
    kind: "package",
    type: "pypi",
    name,
    version,
    purl: formatPurl({ type: "pypi", name: normalizePythonName(name), version }),
    paths: [path],
    licenses: readLicenses(licenses),
    supplier: author,
    description: summary,
    homepage,
    properties: { "python:archive": path.endsWith(".egg") ? "egg" : "wheel" },
  });
}
