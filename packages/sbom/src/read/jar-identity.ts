import { defined } from "../defined.ts";
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
 * Which artifact a jar without Maven's own files is, by its manifest and the name of its file. The name of the file
 * is what Maven gave it, so it goes before a manifest that everybody fills in differently.
 */
export function identifyJar(fileName: string, manifest: ReadonlyMap<string, string>): MavenArtifact | undefined {
  const named = jarFileName(fileName);
  const symbolic = manifest.get("bundle-symbolicname")?.split(";", 1)[0]?.trim();
  const version =
    named.version ??
    ["implementation-version", "bundle-version", "specification-version"]
      .map((name) => manifest.get(name))
      .find((text) => isVersion(text) && /\d/.test(text) && !text.includes("${"));
  const titled = named.version === undefined ? artifactOf(manifest, symbolic) : undefined;
  const artifact = titled ?? named.artifact;
  if (version === undefined || !isMavenName(artifact)) return undefined;
  return defined<MavenArtifact>({ group: groupOf(artifact, symbolic, manifest), artifact, version });
}

function artifactOf(manifest: ReadonlyMap<string, string>, symbolic: string | undefined): string | undefined {
  const title = manifest.get("implementation-title");
  if (isMavenName(title) && /^[a-z]/.test(title)) return title.slice(title.lastIndexOf(":") + 1);
  return isMavenName(symbolic) ? symbolic.slice(symbolic.lastIndexOf(".") + 1) : undefined;
}

/** A vendor's or module's name in reverse order of a domain's, without the artifact at its end. */
function groupOf(
  artifact: string,
  symbolic: string | undefined,
  manifest: ReadonlyMap<string, string>,
): string | undefined {
  const vendor = manifest.get("implementation-vendor-id");
  if (isGroup(vendor)) return vendor;
  const plain = artifact.replaceAll("-", ".");
  for (const name of [symbolic, manifest.get("automatic-module-name")]) {
    if (!isGroup(name)) continue;
    for (const end of [`.${artifact}`, `.${plain}`]) {
      const group = name.endsWith(end) ? name.slice(0, -end.length) : undefined;
      if (isGroup(group)) return group;
    }
    const group = name.slice(0, name.lastIndexOf("."));
    if (isGroup(group)) return group;
  }
  return undefined;
}

function isGroup(text: string | undefined): text is string {
  return isMavenName(text) && /^[a-z][a-z0-9_-]*(?:\.[a-zA-Z0-9_-]+)+$/.test(text);
}
