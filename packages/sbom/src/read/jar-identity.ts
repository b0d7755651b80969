import { nameInMaven } from "./jar-group.ts";
import type { JavaManifest } from "./java-manifest.ts";
import { isVersion } from "./token.ts";

/** Which Maven artifact something is. */
export interface MavenArtifact {
  /** Absent where nothing tells it; advisories are then out of reach. */
  readonly group?: string;
  readonly artifact: string;
  readonly version: string;
}

/** Whether a text can be a group or an artifact of Maven. */
export function isMavenName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 300 && /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(text);
}

/** `name-1.2.3.jar`: the name before the first hyphen that a digit follows, and all after it. */
export function jarFileName(fileName: string): {
  readonly stem: string;
  readonly artifact: string;
  readonly version?: string;
} {
  const dot = fileName.lastIndexOf(".");
  const stem = dot === -1 ? fileName : fileName.slice(0, dot);
  for (let hyphen = stem.indexOf("-"); hyphen !== -1; hyphen = stem.indexOf("-", hyphen + 1)) {
    const version = stem.slice(hyphen + 1);
    if (hyphen > 0 && /^v?\d/.test(version) && isVersion(version)) {
      return { stem, artifact: stem.slice(0, hyphen), version };
    }
  }
  return { stem, artifact: stem };
}

/**
 * Which artifact a jar without Maven's own files is, by its manifest, the name of its file and where its classes lie. The
 * name of the file is what Maven gave it, so it goes before a manifest that everybody fills in differently.
 */
export function identifyJar(
  fileName: string,
  { main, packages }: JavaManifest,
  classes: readonly string[],
): MavenArtifact | undefined {
  // What such a jar is named for is what it is woven into, and not in it.
  if (main.has("weave-classes")) return undefined;
  const named = splitByVersion(fileName, main) ?? jarFileName(fileName);
  const titled = named.version === undefined ? titleOf(named.artifact, main) : undefined;
  const artifact = titled ?? named.artifact;
  const version = named.version ?? versionIn(main) ?? versionOfPackage(artifact, packages);
  if (version === undefined || !isMavenName(artifact)) return undefined;
  const sections = [...packages.keys()].map((folder) => folder.replaceAll("/", "."));
  return { ...nameInMaven(artifact, version, { manifest: main, packages: sections, classes }), version };
}

const versionFields = ["implementation-version", "bundle-version", "plugin-version", "specification-version"];

/** The first word of a version: some go on with a build's number and date. */
function versionIn(attributes: ReadonlyMap<string, string>): string | undefined {
  return versionFields
    .map((name) => attributes.get(name)?.split(" ", 1)[0])
    .find((text) => isVersion(text) && /^v?\d/.test(text) && !text.includes("${"));
}

/** Whether a manifest gives that version, to the archive or to a package of classes in it. */
export function statesVersion({ main, packages }: JavaManifest, version: string): boolean {
  return [main, ...packages.values()].some((attributes) => versionIn(attributes) === version);
}

/** A version that is stated of the package of classes that has the artifact's name. */
function versionOfPackage(artifact: string, packages: JavaManifest["packages"]): string | undefined {
  for (const [folder, attributes] of packages) {
    if (folder.endsWith(`/${artifact}`)) return versionIn(attributes);
  }
  return undefined;
}

/** The name of a file before a version that its manifest states too: `log4j-1.2-api` of `log4j-1.2-api-2.17.1.jar`. */
function splitByVersion(
  fileName: string,
  main: ReadonlyMap<string, string>,
): { readonly artifact: string; readonly version: string } | undefined {
  const stem = fileName.slice(0, Math.max(0, fileName.lastIndexOf(".")));
  const version = versionFields
    .map((name) => main.get(name))
    .find((text) => isVersion(text) && /^\d+\./.test(text) && stem.endsWith(`-${text}`));
  return version === undefined ? undefined : { artifact: stem.slice(0, -version.length - 1), version };
}

function titleOf(stem: string, main: ReadonlyMap<string, string>): string | undefined {
  const symbolic = main.get("bundle-symbolicname")?.split(";", 1)[0]?.trim();
  // A bundle of Eclipse has its whole name in its file, before an underscore and the version.
  if (symbolic !== undefined && stem.startsWith(`${symbolic}_`)) return symbolic;
  if (main.has("group-id") && isMavenName(main.get("short-name"))) return main.get("short-name");
  const title = main.get("implementation-title")?.split(";", 1)[0]?.replace(/^.*#/, "");
  if (isMavenName(title) && title !== symbolic && /^[a-z]/.test(title)) return title.slice(title.lastIndexOf(":") + 1);
  const last = symbolic?.slice(symbolic.lastIndexOf(".") + 1);
  // A file's name that only ends with it says more: `spring-core.jar` of the bundle `org.springframework.core`.
  return isMavenName(symbolic) && !stem.endsWith(`-${last}`) ? last : undefined;
}
