import { type ZipEntry, ZipReader } from "@sc/archive";
import { formatPurl, isJsonObject, isScError, type JsonObject, parseJson, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, CatalogResult } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { FaultList, type Faults, faultProblems } from "../read/faults.ts";
import { stringMember } from "../read/json-file.ts";
import { isName, isVersion, quote } from "../read/token.ts";
import { unreadable } from "../read/too-large.ts";
import { hasRoom } from "../read/cuts.ts";

/** One package in an archive. */
interface Inside {
  readonly name: string;
  readonly version: string;
  /** Who publishes it, for an extension. */
  readonly publisher?: string;
}

interface ArchiveFacts {
  readonly extension?: Inside;
  readonly packages: readonly Inside[];
  readonly faults?: Faults;
}

/** Extensions of VS Code in the archives that they are installed from, with the packages of npm that each brings. */
export const editorArchives: Cataloger<ArchiveFacts> = {
  id: "editor-archives",
  version: 1,
  evidence: "installed",
  among: { extensions: ["vsix"] },
  wants: (file) => file.path.endsWith(".vsix") && file.size > 0,
  read: readArchive,
  *catalog(found) {
    for (const [path, facts] of found) yield* packagesOf(facts, path);
  },
};

function readArchive(file: CapturedFile): ArchiveFacts | Problem {
  const faults = new FaultList();
  const packages: Inside[] = [];
  let extension: Inside | undefined;
  try {
    const zip = new ZipReader(file, { where: file.path });
    for (const entry of zip.entries()) {
      const isExtension = entry.path === "extension/package.json";
      if (!isExtension && !/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(entry.path)) continue;
      if (!hasRoom(packages.length, limits.maxRecords, "packages in an archive")) break;
      const inside = insideOf(zip, entry, faults);
      if (isExtension) extension = inside?.publisher === undefined ? undefined : inside;
      else if (inside !== undefined) packages.push({ name: inside.name, version: inside.version });
    }
  } catch (error) {
    if (isScError(error)) return unreadable(file, "the archive cannot be read");
    throw error;
  }
  return defined<ArchiveFacts>({ extension, packages, faults: faults.finish() });
}

function insideOf(zip: ZipReader, entry: ZipEntry, faults: FaultList): Inside | undefined {
  const manifest = manifestOf(zip, entry);
  const name = manifest === undefined ? undefined : stringMember(manifest, "name");
  const version = manifest === undefined ? undefined : stringMember(manifest, "version");
  if (manifest === undefined) faults.add(`${quote(entry.path)} cannot be read`);
  if (manifest === undefined || !isName(name) || !isVersion(version)) return undefined;
  const publisher = stringMember(manifest, "publisher");
  return isName(publisher) ? { name, version, publisher } : { name, version };
}

function manifestOf(zip: ZipReader, entry: ZipEntry): JsonObject | undefined {
  try {
    const json = parseJson(zip.read(entry, limits.maxManifestBytes), entry.path);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (isScError(error)) return undefined;
    throw error;
  }
}

function* packagesOf({ extension, packages, faults }: ArchiveFacts, path: string): Generator<CatalogResult> {
  yield* faultProblems(path, faults);
  const common = { kind: "package", paths: [path], licenses: [] } as const;
  const keys = packages.map(({ name, version }) => `${path}\n${name}@${version}`);
  if (extension?.publisher !== undefined) {
    const { publisher, name, version } = extension;
    const purl = formatPurl({ type: "vscode-extension", namespace: publisher, name, version });
    const whole = `${publisher}/${name}`;
    yield { ...common, type: "vscode-extension", name: whole, version, purl, supplier: publisher, dependsOn: keys };
  }
  const seen = new Set<string>();
  for (const { name, version } of packages) {
    const key = `${path}\n${name}@${version}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const slash = name.lastIndexOf("/");
    const namespace = slash === -1 ? undefined : name.slice(0, slash);
    const purl = formatPurl({ type: "npm", namespace, name: name.slice(slash + 1), version });
    yield { ...common, type: "npm", name, version, purl, provides: [key] };
  }
}
