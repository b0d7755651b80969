import { Buffer } from "node:buffer";
import { createHash, hash } from "node:crypto";
import { bufferAccess, type RandomAccess, type ZipEntry, ZipReader } from "@sc/archive";
import { isScError, type PackageHash } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import { defined, type WithUndefined } from "../defined.ts";
import { FaultList, type Faults } from "./faults.ts";
import { identifyJar, isMavenName, jarFileName, type MavenArtifact, statesVersion } from "./jar-identity.ts";
import { type JavaManifest, parseJavaManifest, parseJavaProperties } from "./java-manifest.ts";
import { parsePom, type Pom } from "./pom.ts";
import { ClassFolders, mayTell } from "./jar-names.ts";
import { isVersion, quote, shortText } from "./token.ts";

/** One artifact of Maven that is in an archive, or is it. */
export interface JavaArtifact extends MavenArtifact {
  /** The archive it is in, inside the outermost: `BOOT-INF/lib/a-1.jar!/`, with one part for each nesting. */
  readonly inside: string;
  /** The archive itself, or something whose classes were copied into it. */
  readonly role: "archive" | "shaded";
  /** What tells its name. */
  readonly from: "pom.properties" | "pom.xml" | "manifest";
  readonly licenses: readonly string[];
  readonly description?: string;
  readonly homepage?: string;
  readonly supplier?: string;
  /** Of the archive. */
  readonly hashes?: readonly PackageHash[];
}

/** What an archive and those nested in it hold. */
export interface JarContent {
  readonly artifacts: readonly JavaArtifact[];
  readonly faults?: Faults;
  /** Set when a limit kept something from being read. */
  readonly incomplete?: true;
}

const archiveName = /\.(?:jar|war|ear|par|sar|nar|jpi|hpi|kar|lpkg|far|rar|zap)$/i;

/** Whether a file's name is that of a Java archive. */
export function isJavaArchive(path: string): boolean {
  return archiveName.test(path);
}

/** What the archives in one file may come to. */
type Bounds = Readonly<
  Record<
    "depth" | "archives" | "entries" | "heldBytes" | "besideBytes" | "totalBytes" | "textBytes" | "artifacts",
    number
  >
>;

const bounds: Bounds = {
  /** Archives within archives. Spring's are two deep, application servers' four; other tools' test cases go to ten. */
  depth: 16,
  /** Archives in one file: the largest seen has 700. */
  archives: 10_000,
  entries: 1_000_000,
  /**
   * Bytes of the nested archives that are in memory at once: those that are compressed, one in the other. Those that are
   * stored, as Spring's are, are read where they lie. The largest application seen within another has 300 MiB.
   */
  heldBytes: 512 * 1_048_576,
  /** Of those what may be in memory while other threads have some too; for more a thread has to be the only one. */
  besideBytes: 32 * 1_048_576,
  /** Bytes of all nested archives of one file together. */
  totalBytes: 8 * 1024 * 1_048_576,
  /** Bytes of a pom, a manifest or pom.properties. */
  textBytes: 4 * 1_048_576,
  /** Artifacts in one file. */
  artifacts: 100_000,
};

/** What an archive is read from. */
type JarFile = RandomAccess & Pick<CapturedFile, "alone">;

/**
 * The artifacts in a Java archive, read by its directory alone: of its content only what names artifacts is inflated, and
 * nested archives that are compressed. Other bounds than the usual are for tests.
 */
export function readJar(file: JarFile, path: string, limits: Partial<Bounds> = {}): JarContent | undefined {
  // Other things have these names too: archives of RAR, parity files, files that only hold a place.
  if (file.size === 0) return undefined;
  const first = file.readAt(0, 2);
  if (!/\.(?:jar|war|ear)$/i.test(path) && (first[0] !== 0x50 || first[1] !== 0x4b)) return undefined;
  return new JarWalk(file, { ...bounds, ...limits }).run(path);
}

interface Place {
  readonly source: RandomAccess;
  readonly fileName: string;
  readonly inside: string;
  readonly depth: number;
}

class JarWalk {
  readonly #file: JarFile;
  readonly #bounds: Bounds;
  readonly #artifacts: JavaArtifact[] = [];
  readonly #faults = new FaultList();
  #incomplete = false;
  #archives = 0;
  #entries = 0;
  #bytes = 0;
  #held = 0;
  /** Whether no other thread holds much. */
  #alone = false;

  constructor(file: JarFile, limits: Bounds) {
    this.#file = file;
    this.#bounds = limits;
  }

  run(path: string): JarContent {
    this.#walk({ source: this.#file, fileName: path.slice(path.lastIndexOf("/") + 1), inside: "", depth: 0 });
    return defined<JarContent>({
      artifacts: this.#artifacts,
      faults: this.#faults.finish(),
      incomplete: this.#incomplete ? true : undefined,
    });
  }

  #walk(place: Place): void {
    this.#archives += 1;
    this.#attempt(place.inside, () => {
      const classes = new ClassFolders();
      const zip = new ZipReader(place.source, { where: "archive", wanted: (name) => mayTell(name, classes) });
      this.#entries += zip.count;
      if (this.#entries > this.#bounds.entries) return this.#limit(`more than ${this.#bounds.entries} entries`);
      const entries = sortEntries(zip, classes);
      this.#name(place, zip, entries);
      for (const entry of entries.archives) this.#nested(place, zip, entry);
      return undefined;
    });
  }

  #nested(place: Place, zip: ZipReader, entry: ZipEntry): void {
    const { depth, archives, totalBytes } = this.#bounds;
    const inside = `${place.inside}${entry.path.slice(0, 1024)}!/`;
    if (place.depth + 1 > depth) return this.#limit(`archives nested more than ${depth} deep`);
    if (this.#archives >= archives) return this.#limit(`more than ${archives} archives`);
    this.#bytes += entry.size;
    if (this.#bytes > totalBytes) return this.#limit(`more than ${totalBytes} bytes of nested archives`);
    const fileName = entry.path.slice(entry.path.lastIndexOf("/") + 1);
    const walk = (source: RandomAccess): void => this.#walk({ source, fileName, inside, depth: place.depth + 1 });
    const view = this.#attempt(inside, () => ({ source: zip.view(entry) }));
    if (view === undefined) return undefined;
    return view.source === undefined ? this.#inflated(zip, entry, { inside, walk }) : walk(view.source);
  }

  /** Holds a compressed archive for as long as it is walked. */
  #inflated(
    zip: ZipReader,
    entry: ZipEntry,
    { inside, walk }: { readonly inside: string; readonly walk: (source: RandomAccess) => void },
  ): void {
    const { heldBytes, besideBytes } = this.#bounds;
    const held = this.#held + entry.size;
    if (held > heldBytes) {
      return this.#limit(`${at(inside)}more than ${heldBytes} bytes of compressed archives in one another`);
    }
    const hold = (): void => {
      this.#held += entry.size;
      const bytes = this.#attempt(inside, () => zip.read(entry));
      if (bytes !== undefined) walk(bufferAccess(bytes));
      this.#held -= entry.size;
    };
    if (held <= besideBytes || this.#alone || this.#file.alone === undefined) return hold();
    this.#alone = true;
    const done = this.#file.alone(hold);
    this.#alone = false;
    if (done === undefined) this.#limit(`${at(inside)}no room while other large archives are read`);
    return undefined;
  }

  #name(place: Place, zip: ZipReader, entries: SortedEntries): void {
    const text = (entry: ZipEntry | undefined): string =>
      entry === undefined
        ? ""
        : (this.#attempt(place.inside, () => Buffer.from(zip.read(entry, this.#bounds.textBytes)).toString("utf8")) ??
          "");
    const described: JavaArtifact[] = [];
    for (const [folder, { properties, pom }] of entries.maven) {
      const parsed = pom === undefined ? undefined : parsePom(text(pom));
      const artifact = mavenArtifact(place.inside, parseJavaProperties(text(properties)), parsed);
      if (artifact !== undefined) described.push(artifact);
      else if (properties !== undefined) this.#faults.add(`${at(place.inside)}${quote(folder)} names no artifact`);
    }
    const manifest = parseJavaManifest(text(entries.manifest));
    const main = mainOf(described, place.fileName, manifest) ?? manifestArtifact(place, manifest, [...entries.classes]);
    if (main !== undefined) {
      const hashes = hashesOf(place.source);
      this.#add({ ...main, role: "archive", supplier: main.supplier ?? vendorOf(manifest), hashes });
    }
    for (const artifact of described) {
      if (artifact.artifact !== main?.artifact || artifact.group !== main.group) this.#add(artifact);
    }
  }

  #add(artifact: WithUndefined<JavaArtifact>): void {
    const { artifacts } = this.#bounds;
    if (this.#artifacts.length < artifacts) this.#artifacts.push(defined<JavaArtifact>(artifact));
    else this.#limit(`more than ${artifacts} artifacts`);
  }

  #limit(what: string): undefined {
    this.#incomplete = true;
    this.#faults.add(what);
    return undefined;
  }

  /** What is wrong with an archive is a fault of it, and what it holds is missing. */
  #attempt<Result>(inside: string, work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (!isScError(error)) throw error;
      return this.#limit(`${at(inside)}${error.message}`);
    }
  }
}

function mavenArtifact(
  inside: string,
  properties: ReadonlyMap<string, string>,
  pom: Pom | undefined,
): JavaArtifact | undefined {
  const identity = mavenIdentity(properties, pom);
  if (identity === undefined) return undefined;
  return defined<JavaArtifact>({
    ...identity,
    inside,
    role: "shaded",
    from: properties.size > 0 ? "pom.properties" : "pom.xml",
    licenses: pom?.licenses ?? [],
    description: shortText(pom?.description ?? pom?.name),
    homepage: pom?.url,
    supplier: shortText(pom?.organization),
  });
}

function mavenIdentity(properties: ReadonlyMap<string, string>, pom: Pom | undefined): MavenArtifact | undefined {
  const group = properties.get("groupId") ?? pom?.group;
  const artifact = properties.get("artifactId") ?? pom?.artifact;
  const version = properties.get("version") ?? pom?.version;
  return isMavenName(group) && isMavenName(artifact) && isVersion(version) ? { group, artifact, version } : undefined;
}

function at(inside: string): string {
  return inside === "" ? "" : `${quote(inside)}: `;
}

interface SortedEntries {
  manifest: ZipEntry | undefined;
  /** By folder: under `META-INF/maven` as Maven writes them, elsewhere where what was shaded has been moved. */
  readonly maven: Map<string, { properties?: ZipEntry; pom?: ZipEntry }>;
  readonly archives: ZipEntry[];
  /** Packages of classes, cut to three parts, as `org.apache.kafka`: the first of many are enough to tell a project. */
  readonly classes: ReadonlySet<string>;
}

function sortEntries(zip: ZipReader, classes: ClassFolders): SortedEntries {
  const sorted: SortedEntries = { manifest: undefined, maven: new Map(), archives: [], classes: classes.folders };
  for (const entry of zip.entries()) {
    if (entry.directory) continue;
    const { path } = entry;
    if (path.endsWith(".class")) classes.add(path);
    else if (path === "META-INF/MANIFEST.MF") sorted.manifest ??= entry;
    else if (isJavaArchive(path)) sorted.archives.push(entry);
    else addMaven(sorted.maven, entry);
  }
  return sorted;
}

function addMaven(maven: SortedEntries["maven"], entry: ZipEntry): void {
  const slash = entry.path.lastIndexOf("/");
  const name = entry.path.slice(slash + 1);
  const folder = entry.path.slice(0, Math.max(0, slash));
  // Maven's own description lies in its place alone: a template or a test may have any other pom.xml.
  if (name !== "pom.properties" && (name !== "pom.xml" || !folder.startsWith("META-INF/maven/"))) return;
  const known = maven.get(folder) ?? {};
  maven.set(folder, name === "pom.xml" ? { pom: entry, ...known } : { properties: entry, ...known });
}

/** What the file of an artifact is called before its version: by Maven its name, by Quarkus' builds the group too. */
function fileNamesOf({ group, artifact }: JavaArtifact): readonly string[] {
  return group === undefined ? [artifact] : [artifact, `${group}.${artifact}`];
}

/**
 * The artifact that the archive is: the one its file is named for, or the only one. Not the only one where name and
 * manifest agree on another version: `guice-4.2.3.jar` with cglib 3.2.12 in it is not cglib.
 */
function mainOf(
  described: readonly JavaArtifact[],
  fileName: string,
  manifest: JavaManifest,
): JavaArtifact | undefined {
  const { stem, artifact, version } = jarFileName(fileName);
  const [only, ...others] = described;
  const isOther = version !== undefined && version !== only?.version && statesVersion(manifest, version);
  return (
    described.find((one) => fileNamesOf(one).some((name) => stem === `${name}-${one.version}`)) ??
    described.find((one) => fileNamesOf(one).some((name) => name === artifact || name === stem)) ??
    longest(described.filter((one) => fileNamesOf(one).some((name) => stem.startsWith(`${name}-`)))) ??
    (others.length > 0 || isOther ? undefined : only)
  );
}

function longest(described: readonly JavaArtifact[]): JavaArtifact | undefined {
  return described.toSorted((left, right) => right.artifact.length - left.artifact.length)[0];
}

function manifestArtifact(
  { fileName, inside }: Place,
  manifest: JavaManifest,
  classes: readonly string[],
): JavaArtifact | undefined {
  const identity = identifyJar(fileName, manifest, classes);
  if (identity === undefined) return undefined;
  const license = manifest.main.get("bundle-license")?.split(/[,;]/, 1)[0]?.trim() ?? "";
  return { ...identity, inside, role: "archive", from: "manifest", licenses: license === "" ? [] : [license] };
}

function vendorOf({ main }: JavaManifest): string | undefined {
  return shortText(main.get("implementation-vendor") ?? main.get("bundle-vendor"));
}

const pieceBytes = 1_048_576;

/** What Maven Central looks archives up by, and a stronger one. */
function hashesOf(source: RandomAccess): PackageHash[] {
  if (source.size <= pieceBytes) {
    const bytes = source.readAt(0, source.size);
    return [
      { algorithm: "sha1", value: hash("sha1", bytes) },
      { algorithm: "sha256", value: hash("sha256", bytes) },
    ];
  }
  const sha1 = createHash("sha1");
  const sha256 = createHash("sha256");
  for (let offset = 0; offset < source.size; offset += pieceBytes) {
    const piece = source.readAt(offset, pieceBytes);
    sha1.update(piece);
    sha256.update(piece);
  }
  return [
    { algorithm: "sha1", value: sha1.digest("hex") },
    { algorithm: "sha256", value: sha256.digest("hex") },
  ];
}
