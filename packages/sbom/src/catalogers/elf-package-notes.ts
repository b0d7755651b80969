import {
  type Distribution,
  formatPurl,
  isJsonObject,
  isScError,
  type JsonObject,
  parseJson,
  parsePurl,
  type Problem,
  type Purl,
} from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { hasRoom } from "../read/cuts.ts";
import { elfNotes } from "../read/elf-notes.ts";
import { isElf } from "../read/elf.ts";
import { readExecutable } from "../read/executable.ts";
import { executableParts } from "../read/executable-parts.ts";
import { stringMember } from "../read/json-file.ts";
import { malformed } from "../read/too-large.ts";
import { isName, isSystemName, isVersion, quote, shortText } from "../read/token.ts";

/** The package that a binary says it is of. */
export interface PackageNote {
  /** `rpm`, `deb` … */
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** The distribution's id and version, as os-release has them. */
  readonly os?: string;
  readonly osVersion?: string;
  readonly purl?: string;
  readonly cpe?: string;
}

const noteOwner = "FDO";
const noteType = 0xcafe1a7e;
const maxNoteBytes = 65_536;
/** Files of one package: that of a distribution's toolkit has a thousand libraries. */
const maxPlaces = 10_000;

/**
 * Packages of operating systems by the note that their build put into each binary: there even where the package
 * database is not. What the database says as well is left out.
 *
 * @see https://uapi-group.org/specifications/specs/package_metadata_for_executable_files/
 */
export const elfPackageNotes: Cataloger<PackageNote> = {
  id: "elf-package-notes",
  version: 1,
  evidence: "installed",
  yieldsToOwner: true,
  among: {},
  wants: () => false,
  sniff: isElf,
  parts: executableParts,
  read: readNote,
  *catalog(found, { distribution }) {
    const packages = new Map<string, { readonly note: PackageNote; readonly paths: string[] }>();
    for (const [path, note] of found) {
      const key = [note.type, note.name, note.version, note.architecture, note.os, note.purl].join("\n");
      const known = packages.get(key);
      if (known === undefined) packages.set(key, { note, paths: [path] });
      else if (hasRoom(known.paths.length, maxPlaces, "files with the note of one package")) known.paths.push(path);
    }
    for (const { note, paths } of packages.values()) yield packageOf(note, paths, distribution);
  },
};

function readNote(file: CapturedFile): PackageNote | Problem | undefined {
  const executable = readExecutable(file);
  if (executable?.format !== "elf") return undefined;
  for (const { owner, type, content } of elfNotes(file, executable)) {
    if (owner !== noteOwner || type !== noteType) continue;
    const json = content.length > maxNoteBytes ? undefined : jsonOf(content, file.path);
    return json === undefined ? malformed(file, "its package note is no JSON object") : noteOf(json, file);
  }
  return undefined;
}

function jsonOf(content: Buffer, path: string): JsonObject | undefined {
  const end = content.indexOf(0);
  try {
    const json = parseJson(end === -1 ? content : content.subarray(0, end), path);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (isScError(error) && error.code === "JSON_INVALID") return undefined;
    throw error;
  }
}

function noteOf(json: JsonObject, file: CapturedFile): PackageNote | Problem {
  const [type, name, version] = ["type", "name", "version"].map((member) => stringMember(json, member));
  if (type === undefined || !/^[a-z][a-z0-9.+-]{0,40}$/.test(type) || !isSystemName(name) || !isVersion(version)) {
    return malformed(file, `its package note names ${quote(name)} ${quote(version)} of type ${quote(type)}`);
  }
  const [cpeOs, cpeVersion] =
    /^cpe:\/o:[^:]*:([^:]+)(?::([^:]+))?/.exec(stringMember(json, "osCpe") ?? "")?.slice(1) ?? [];
  return defined<PackageNote>({
    type,
    name,
    version,
    architecture: shortText(stringMember(json, "architecture")),
    os: lower(stringMember(json, "os") ?? cpeOs),
    osVersion: shortText(stringMember(json, "osVersion") ?? cpeVersion),
    purl: shortText(stringMember(json, "purl")),
    cpe: shortText(stringMember(json, "appCpe")),
  });
}

function lower(text: string | undefined): string | undefined {
  return isName(text) ? text.toLowerCase() : undefined;
}

function packageOf(note: PackageNote, paths: readonly string[], distribution: Distribution | undefined): FoundPackage {
  const { name, version, architecture, os, cpe } = note;
  // Other types are of package managers that have no purl, and none that advisories speak of.
  const system = systemTypes.has(note.type);
  const origin = os === undefined || os === distribution?.id ? "distribution" : "third-party";
  return defined<FoundPackage>({
    kind: "package",
    type: system ? note.type : "generic",
    name,
    version,
    purl: statedPurl(note) ?? builtPurl(note, distribution),
    paths,
    licenses: [],
    source: system ? { name } : undefined,
    origin: system ? origin : undefined,
    architecture,
    cpes: cpe === undefined || !cpe.startsWith("cpe:") ? undefined : [cpe],
    properties: someProperties({ "elf:os": os, "elf:type": system ? undefined : note.type }),
  });
}

const systemTypes: ReadonlySet<string> = new Set(["rpm", "deb", "apk", "alpm"]);

/** The purl in the note, where it is of the package that the note names. */
function statedPurl({ purl, type, name }: PackageNote): Purl | undefined {
  if (purl === undefined) return undefined;
  try {
    const parts = parsePurl(purl);
    return parts.type === type && parts.name.toLowerCase() === name.toLowerCase() ? formatPurl(parts) : undefined;
  } catch (error) {
    if (isScError(error)) return undefined;
    throw error;
  }
}

/** As the type has it: the distribution is the one that the note names, else that of the image. */
function builtPurl(note: PackageNote, distribution: Distribution | undefined): Purl {
  const { type, name, version, architecture } = note;
  if (!systemTypes.has(type)) return formatPurl({ type: "generic", name, version });
  const os = note.os ?? distribution?.id;
  const release = note.os === undefined ? distribution?.versionId : note.osVersion;
  const distro = release === undefined ? os : `${os}-${release}`;
  return formatPurl({
    type,
    namespace: os,
    name,
    version,
    qualifiers: defined<Record<string, string>>({ arch: architecture, distro: os === undefined ? undefined : distro }),
  });
}
