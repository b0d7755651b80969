import { parsePurl, type PurlParts, type SourcePackage } from "@sc/model";

/** What a purl by itself says of a package. */
export interface PurlFacts {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly architecture: string | undefined;
  readonly source: SourcePackage | undefined;
  /** The `distro` qualifier. */
  readonly distro: string | undefined;
}

/** Types whose namespace is the distribution or vendor, and no part of the package's name. */
const systemTypes: ReadonlySet<string> = new Set(["apk", "deb", "rpm", "alpm", "opkg", "ebuild", "portage"]);

/** What a purl by itself says of a package. Throws `PURL_INVALID`. */
export function purlFacts(purl: string): PurlFacts {
  return factsOfParts(parsePurl(purl));
}

/** What the parts of a purl, as `parsePurl` gives them, say of a package. */
export function factsOfParts(parts: PurlParts): PurlFacts {
  const { qualifiers } = parts;
  return {
    type: parts.type,
    name: nameOf(parts),
    version: versionOf(parts),
    architecture: qualifiers?.["arch"],
    source: systemTypes.has(parts.type) ? sourceOf(parts) : undefined,
    distro: qualifiers?.["distro"],
  };
}

function nameOf({ type, namespace, name }: PurlParts): string {
  // Of CPAN it is the author, of PEAR the channel: no part of the name.
  if (namespace === undefined || systemTypes.has(type) || type === "cpan" || type === "pear") return name;
  return `${namespace}${type === "maven" ? ":" : "/"}${name}`;
}

/** An rpm's epoch is a qualifier of its purl and the head of its version. */
function versionOf({ type, version = "", qualifiers }: PurlParts): string {
  const epoch = type === "rpm" ? qualifiers?.["epoch"] : undefined;
  return epoch === undefined || epoch === "0" ? version : `${epoch}:${version}`;
}

/** `upstream=name` or `upstream=name@version`; an rpm's is the file name of its source package. */
function sourceOf({ type, name, qualifiers }: PurlParts): SourcePackage {
  const upstream = qualifiers?.["upstream"];
  if (upstream === undefined) return { name };
  if (type === "rpm") return sourceRpmOf(upstream) ?? { name };
  const at = upstream.indexOf("@");
  return at === -1 ? { name: upstream } : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}

function sourceRpmOf(file: string): SourcePackage | undefined {
  const parts = file.replace(/\.(no)?src\.rpm$/, "").split("-");
  if (parts.length < 3) return undefined;
  return { name: parts.slice(0, -2).join("-"), version: parts.slice(-2).join("-") };
}
