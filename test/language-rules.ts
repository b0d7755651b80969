import { bufferAccess, ZipReader } from "@sc/archive";
import type { Package } from "@sc/model";

/** A package as a suite lists it. */
export interface Listed {
  readonly name: string;
  readonly version: string;
}

/** What a rule may look at: the file of a case, what the suite expects of it and what we find in it. */
export interface Seen {
  readonly file: string;
  readonly content: Buffer;
  readonly expected: readonly Listed[];
  readonly found: readonly Package[];
}

/**
 * A choice of ours that a suite does not share. A rule says of one package that it is rightly missing or rightly there, by
 * what the file itself states, so that it can hide neither a wrong version nor a lost package.
 */
export interface Rule {
  readonly kinds: readonly string[];
  readonly reason: string;
  /** Whether we rightly do not list what the suite lists. */
  readonly missing?: (wanted: Listed, seen: Seen) => boolean;
  /** Whether we rightly list what the suite does not. */
  readonly extra?: (found: Package, seen: Seen) => boolean;
}

function artifactOf(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function isNamedByManifest({ properties }: Package): boolean {
  return properties?.["java:named-by"] === "manifest";
}

/** Whether one is the other without a group, or with a group that only repeats the artifact. */
function isSameArtifact(one: Listed, wanted: Listed): boolean {
  const artifact = artifactOf(one.name);
  const groups = [one.name, wanted.name].map((name) => name.slice(0, -artifact.length - 1));
  const isTold = groups.every((group) => group !== "" && group !== artifact);
  return one.version === wanted.version && artifactOf(wanted.name) === artifact && !isTold;
}

/** The texts in a file: its own, or those of an archive and of the archives in it, each with its path. */
function textsOf(content: Buffer, depth = 0): string[] {
  if (content.length < 2 || content.readUInt16BE(0) !== 0x50_4b || depth > 16) return [content.toString("latin1")];
  const zip = new ZipReader(bufferAccess(content), { where: "case" });
  return [...zip.entries()]
    .filter(({ directory, size }) => !directory && size < 8_000_000)
    .flatMap((entry) => {
      const inner = /\.jar$|\.properties$|\.MF$|METADATA$|PKG-INFO$/.test(entry.path);
      const texts = inner ? textsOf(Buffer.from(zip.read(entry)), depth + 1) : [];
      const placed = texts.map((text) => (entry.path.endsWith(".jar") ? text : `${entry.path}\n${text}`));
      return placed.concat(entry.path);
    });
}

/** Whether a text has the word, and neither a letter nor a digit goes on before or behind it. */
function isWordIn(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const around = `${text.slice(Math.max(0, at - 1), at)}${text.slice(at + word.length, at + word.length + 1)}`;
    if (!/[A-Za-z0-9]/.test(around)) return true;
  }
  return false;
}

/**
 * Whether one text in the file, or the file's name, states both name and version, whole; a manifest may state the version
 * alone where the name is the file's.
 */
function isStated(one: Package, { file, content }: Seen): boolean {
  const { name, version } = one;
  const texts = textsOf(content);
  const both = [file, ...texts].some((text) => isWordIn(text, artifactOf(name)) && isWordIn(text, version));
  const isManifest = isNamedByManifest(one) && isWordIn(file, artifactOf(name));
  return both || (isManifest && texts.some((text) => isWordIn(text, version)));
}

/** Whether one is named by a manifest that states the same version and the wanted title, which cannot be a name. */
function isForTitle(one: Package, wanted: Listed, seen: Seen): boolean {
  const title = artifactOf(wanted.name);
  const isTitle = title.includes(" ") && textsOf(seen.content).some((text) => isWordIn(text, title));
  return isTitle && isNamedByManifest(one) && one.version === wanted.version && isStated(one, seen);
}

/** Whether a specification of a gem has that name, and for its version a constant of some module of Ruby. */
export function isVersionedByConstant(text: string, name: string): boolean {
  const isNamed = ["'", '"'].some((quote) => text.includes(`.name = ${quote}${name}${quote}`));
  return isNamed && /\.version = [A-Z]\w*::\w+\s*$/m.test(text);
}

function dependenciesIn(content: Buffer): readonly string[] {
  const manifest: Readonly<Record<string, unknown>> = JSON.parse(content.toString("utf8"));
  return ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap((member) =>
    Object.keys(manifest[member] ?? {}),
  );
}

/** The rules by which installed packages of languages are compared. */
export const languageRules: readonly Rule[] = [
  {
    kinds: ["language/java/archive", "java/jar"],
    reason:
      "The suites name an archive without Maven's own files by a server that is asked, or by its file's name twice; we leave out a group that nothing tells. Version and artifact have to be the same, and ours has to be marked as named by the manifest.",
    missing: (wanted, { found }) => found.some((one) => isNamedByManifest(one) && isSameArtifact(one, wanted)),
    extra: (one, { expected }) => isNamedByManifest(one) && expected.some((wanted) => isSameArtifact(one, wanted)),
  },
  {
    kinds: ["java/jar"],
    reason:
      "The suite takes the title of a manifest for a name, where Maven's names have no spaces and nothing is published under it. Ours has to be named by that manifest, stand in it whole, and have the same version.",
    missing: (wanted, seen) => seen.found.some((one) => isForTitle(one, wanted, seen)),
    extra: (one, seen) => seen.expected.some((wanted) => isForTitle(one, wanted, seen)),
  },
  {
    kinds: [
      "language/java/archive",
      "language/javascript/packagejson",
      "language/python/wheelegg",
      "nodejs/packagejson",
    ],
    reason:
      "A row without packages is of a file that the suite's options leave out (we tell by the place it lies in), or its list could not be read out of the suite's test. What we list then has to stand in the file or its name.",
    extra: (one, seen) => seen.expected.length === 0 && isStated(one, seen),
  },
  {
    kinds: ["language/dotnet/dotnetpe"],
    reason:
      "The suite lists assemblies and their references by file name and assembly version, which are no names or versions of NuGet; a reference says what is wanted and not what is there. What is there stands in the .deps.json.",
    missing: ({ name, version }) => name.endsWith(".dll") && /^\d+\.\d+\.\d+\.\d+$/.test(version),
  },
  {
    kinds: ["language/javascript/packagejson"],
    reason: "What a manifest depends on is a range and not what is installed.",
    missing: ({ name }, { content }) => dependenciesIn(content).includes(name),
  },
  {
    kinds: ["language/javascript/vsix"],
    reason: "The suite lists what an extension brings, and we the extension as well, by the manifest that it is.",
    extra: ({ type, name, version }, { content }) => {
      const zip = new ZipReader(bufferAccess(content), { where: "case" });
      const manifest = [...zip.entries()].find(({ path }) => path === "extension/package.json");
      const stated = manifest === undefined ? {} : JSON.parse(Buffer.from(zip.read(manifest)).toString("utf8"));
      return type === "vscode-extension" && name === `${stated.publisher}/${stated.name}` && version === stated.version;
    },
  },
  {
    kinds: ["nodejs/packagejson"],
    reason: "A manifest without a version is of a folder inside a package, and no package.",
    missing: ({ version }, { content }) => version === "" && !content.includes('"version"'),
  },
  {
    kinds: ["language/ruby/gemspec"],
    reason:
      "The constant that holds the version stands in a file of the source tree: specifications that RubyGems installs hold literals alone, and nothing of Ruby is run or guessed.",
    missing: ({ name }, { content }) => isVersionedByConstant(content.toString("utf8"), name),
  },
];
