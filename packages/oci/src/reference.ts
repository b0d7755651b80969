import { isIPv6 } from "node:net";
import { type Digest, isDigest, ScError } from "@sc/model";

/** An image in a registry, by docker's rules of abbreviation already undone: `alpine` is docker.io/library/alpine. */
export interface RegistryReference {
  readonly scheme: "registry";
  /** Host, lower-case, with the port where one is written: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` where neither tag nor digest was written. */
  readonly tag?: string;
  /** When there is one, it alone decides what the reference names; the tag is kept for people. */
  readonly digest?: Digest;
}

/** An image in a file or folder of this machine that may hold several. */
export interface LocalReference {
  readonly scheme: "oci-layout" | "oci-archive" | "docker-archive";
  readonly path: string;
  /** The name it has in there: `org.opencontainers.image.ref.name`, or an entry of docker's `RepoTags`. */
  readonly tag?: string;
  readonly digest?: Digest;
}

/** A root file system that stands for an image of one layer. */
export interface RootReference {
  readonly scheme: "dir" | "rootfs-tar";
  readonly path: string;
}

/** An image in a container engine of this machine. */
export interface DaemonReference {
  readonly scheme: "docker-daemon";
  /** A name as the engine knows it, or an image id. */
  readonly image: string;
}

/** Where an image is. */
export type Reference = RegistryReference | LocalReference | RootReference | DaemonReference;

/** The schemes a reference may begin with, the default first. */
export const referenceSchemes = [
  "registry",
  "oci-layout",
  "oci-archive",
  "docker-archive",
  "docker-daemon",
  "dir",
  "rootfs-tar",
] as const;

/** One of the schemes. */
export type ReferenceScheme = (typeof referenceSchemes)[number];

const maxReferenceLength = 4096; // PATH_MAX: the longest sensible content of a reference is a path
const maxRepositoryLength = 255; // distribution's own limit on a repository name
const maxHostLength = 255; // RFC 1035
const maxLocalTagLength = 512;

const pathComponent = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const hostLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const localTagPattern = /^[\x21-\x7e]+$/;

/** Whether a text may be a tag in a registry. */
export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/**
 * The place a text names. Without a scheme it is an image in a registry.
 *
 * `registry:` (optional), `oci-layout:path[:tag][@digest]`, `oci-archive:path[:tag][@digest]`,
 * `docker-archive:path[:name][@digest]`, `docker-daemon:name`, `dir:path`, `rootfs-tar:path`. A path ends at the first
 * colon (a Windows drive excepted), so that the name after it may contain some. Throws `REFERENCE_INVALID`.
 *
 * @see https://github.com/distribution/reference/blob/v0.6.0/reference.go for the grammar of registry references
 */
export function parseReference(text: string): Reference {
  if (text.length > maxReferenceLength) throw invalid(text, `is longer than ${maxReferenceLength} characters`);
  if (text.includes("\0")) throw invalid(text, "contains a NUL character");
  const colon = text.indexOf(":");
  // A registry of the name `registry`, as compose files have it, is a host and not the scheme.
  const isHost = /^registry:[0-9]{1,5}\//.test(text);
  const scheme = isHost ? undefined : referenceSchemes.find((known) => known === text.slice(0, Math.max(colon, 0)));
  const rest = scheme === undefined ? text : text.slice(colon + 1);
  switch (scheme) {
    case "oci-layout":
    case "oci-archive":
    case "docker-archive":
      return parseLocal(scheme, rest, text);
    case "docker-daemon":
      return parseDaemon(rest, text);
    case "dir":
    case "rootfs-tar":
      return { scheme, path: requirePath(rest, text) };
    case "registry":
    case undefined:
      break;
  }
  return parseRegistry(rest, text);
}

/**
 * The text of a reference: `parseReference(formatReference(reference))` gives the same again. Registry references come
 * out in full (`docker.io/library/alpine:latest`). Throws `REFERENCE_INVALID` for a path that no reference can carry.
 */
export function formatReference(reference: Reference): string {
  if (reference.scheme === "registry") {
    const text = formatName(reference);
    const misleading = referenceSchemes.some((scheme) => text.startsWith(`${scheme}:`));
    return misleading ? `registry:${text}` : text;
  }
  if (reference.scheme === "docker-daemon") return `docker-daemon:${reference.image}`;
  const text = `${reference.scheme}:${reference.path}`;
  if (isRootReference(reference)) return text;
  if (splitPath(reference.path)[0] !== reference.path) {
    throw invalid(text, "has a path with a colon, which a reference cannot carry");
  }
  return text + formatNames(reference);
}

function isRootReference(reference: Reference): reference is RootReference {
  return reference.scheme === "dir" || reference.scheme === "rootfs-tar";
}

function formatName(reference: RegistryReference): string {
  return `${reference.registry}/${reference.repository}${formatNames(reference)}`;
}

function formatNames(names: { readonly tag?: string; readonly digest?: Digest }): string {
  return (names.tag === undefined ? "" : `:${names.tag}`) + (names.digest === undefined ? "" : `@${names.digest}`);
}

function parseRegistry(rest: string, text: string): RegistryReference {
  refuseForeignSyntax(rest, text);
  const [named, digest] = splitDigest(rest, text);
  const slash = named.indexOf("/");
  const first = slash < 0 ? "" : named.slice(0, slash);
  const hasHost = slash >= 0 && (/[.:A-Z]/.test(first) || first === "localhost" || first.startsWith("["));
  const registry = hasHost ? parseHost(first, text) : "docker.io";
  const [path, tag] = splitTag(hasHost ? named.slice(slash + 1) : named, text);
  if (!hasHost && /^[0-9a-f]{64}$/.test(path)) {
    throw invalid(text, "is 64 hexadecimal digits, which docker reads as an image id", "Write repository@sha256:…");
  }
  const repository = registry === "docker.io" && path !== "" && !path.includes("/") ? `library/${path}` : path;
  checkRepository(repository, text);
  if (tag !== undefined) return { scheme: "registry", registry, repository, tag, ...(digest && { digest }) };
  return { scheme: "registry", registry, repository, ...(digest === undefined ? { tag: "latest" } : { digest }) };
}

// What people paste from a browser or from skopeo deserves a better answer than a complaint about a character.
function refuseForeignSyntax(rest: string, text: string): void {
  if (rest === "") throw invalid(text, "is empty", "Name an image, for example alpine:3.20.");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(rest)?.[1];
  if (scheme !== undefined) {
    throw invalid(text, "begins with a URL scheme", `Leave out ${JSON.stringify(`${scheme}://`)}.`);
  }
  if (rest.startsWith("oci:")) throw invalid(text, "begins with oci:", "Write oci-layout:path:tag.");
  if (/^[./~]/.test(rest)) {
    throw invalid(
      text,
      "looks like a path",
      "Say what is there: oci-layout:, oci-archive:, docker-archive:, rootfs-tar: or dir:.",
    );
  }
}

function parseHost(text: string, whole: string): string {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(text.toLowerCase());
  const host = match?.[1];
  const port = match?.[2];
  if (host === undefined || host.length > maxHostLength) throw invalid(whole, `has a bad registry host ${quote(text)}`);
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65_535)) {
    throw invalid(whole, `has a bad port ${quote(port)}`, "A port is a number from 1 to 65535.");
  }
  const good = host.startsWith("[")
    ? isIPv6(host.slice(1, -1))
    : host.split(".").every((label) => hostLabel.test(label));
  if (!good) throw invalid(whole, `has a bad registry host ${quote(text)}`);
  if (host === "index.docker.io" && port === undefined) return "docker.io";
  return port === undefined ? host : `${host}:${port}`;
}

function checkRepository(repository: string, text: string): void {
  if (repository === "") throw invalid(text, "names no repository");
  if (repository.length > maxRepositoryLength) {
    throw invalid(text, `has a repository name of more than ${maxRepositoryLength} characters`);
  }
  if (repository.split("/").every((component) => pathComponent.test(component))) return;
  throw invalid(
    text,
    `has a bad repository name ${quote(repository)}`,
    /[A-Z]/.test(repository)
      ? "Write the repository in lower case."
      : "Use lower-case letters and digits, separated by '.', '_', '__', '-' or '/'.",
  );
}

function parseLocal(scheme: LocalReference["scheme"], rest: string, text: string): LocalReference {
  // A path may contain an at sign; only what is written like a digest at the end is one.
  const at = rest.search(/@sha(?:256|384|512):[^/]*$/);
  const [named, digest] = at < 0 ? [rest, undefined] : [rest.slice(0, at), requireDigest(rest.slice(at + 1), text)];
  const [path, tag] = splitPath(named);
  requirePath(path, text);
  if (tag !== undefined && (tag.length > maxLocalTagLength || !localTagPattern.test(tag))) {
    throw invalid(text, `has a bad name ${quote(tag)} after the path`, "Write scheme:path:name or scheme:path.");
  }
  return { scheme, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function parseDaemon(rest: string, text: string): DaemonReference {
  if (/^(?:sha256:)?[0-9a-f]{12,64}$/.test(rest)) return { scheme: "docker-daemon", image: rest };
  return { scheme: "docker-daemon", image: formatName(parseRegistry(rest, text)) };
}

function requirePath(path: string, text: string): string {
  if (path === "")
    throw invalid(text, "has no path", "Write the path after the scheme, for example oci-layout:./image.");
  return path;
}

// A path ends at the first colon, as skopeo has it; the colon of a Windows drive is part of the path.
function splitPath(text: string): readonly [path: string, tag: string | undefined] {
  const from = /^[A-Za-z]:[\\/]/.test(text) ? 2 : 0;
  const colon = text.indexOf(":", from);
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

function splitDigest(text: string, whole: string): readonly [rest: string, digest: Digest | undefined] {
  const at = text.indexOf("@");
  if (at < 0) return [text, undefined];
  return [text.slice(0, at), requireDigest(text.slice(at + 1), whole)];
}

function requireDigest(digest: string, whole: string): Digest {
  if (isDigest(digest)) return digest;
  throw invalid(
    whole,
    `has a bad digest ${quote(digest)}`,
    "Write a digest as sha256: followed by 64 lower-case hexadecimal digits.",
  );
}

function splitTag(text: string, whole: string): readonly [path: string, tag: string | undefined] {
  const colon = text.indexOf(":");
  if (colon < 0) return [text, undefined];
  const tag = text.slice(colon + 1);
  if (isTag(tag)) return [text.slice(0, colon), tag];
  throw invalid(
    whole,
    `has a bad tag ${quote(tag)}`,
    "A tag is up to 128 letters, digits, '_', '.' and '-', and begins with none of the last two.",
  );
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}

function invalid(text: string, what: string, hint?: string): ScError {
  return new ScError("REFERENCE_INVALID", `reference ${quote(text)}: it ${what}`, hint === undefined ? {} : { hint });
}
