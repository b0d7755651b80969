import { type Finding, type InventorySubject, isScError, parsePurl, type PurlParts, type Suppression } from "@sc/model";
import type { VexProduct, VexStatement } from "./statement.ts";
import { isInRange } from "./vers.ts";

/**
 * Marks the findings that VEX statements say do not count: `not_affected` or `fixed`, for this package or for this
 * image. Of several statements on one finding the latest holds, of equally late ones the last given; `affected` and
 * `under_investigation` bring a finding back that an earlier statement took away. Ids, names and versions are compared
 * exactly; what a purl leaves out it leaves open.
 */
export function applyVex(
  findings: readonly Finding[],
  statements: readonly VexStatement[],
  { subject }: { subject: InventorySubject },
): readonly Finding[] {
  const byId = new Map<string, VexStatement[]>();
  for (const statement of statements.toSorted((left, right) => left.time - right.time)) {
    for (const id of new Set(statement.ids)) {
      const told = byId.get(id);
      if (told === undefined) byId.set(id, [statement]);
      else told.push(statement);
    }
  }
  return findings.map((finding) => judge(finding, byId, subject));
}

function judge(
  finding: Finding,
  byId: ReadonlyMap<string, readonly VexStatement[]>,
  subject: InventorySubject,
): Finding {
  if (finding.suppressed !== undefined) return finding;
  const told = [finding.id, ...finding.aliases].flatMap((id) => byId.get(id) ?? []);
  const matching = told.filter(({ products }) => products.some((product) => covers(product, finding, subject)));
  const last = matching.toSorted((left, right) => left.time - right.time).at(-1);
  if (last === undefined || (last.status !== "not_affected" && last.status !== "fixed")) return finding;
  const reason = [last.status.replace("_", " "), ...(last.reason === "" ? [] : [last.reason])].join(": ");
  const suppressed: Suppression = { by: "vex", reason: reason.slice(0, 2000), source: last.source };
  return { ...finding, suppressed };
}

function covers(product: VexProduct, { package: found }: Finding, subject: InventorySubject): boolean {
  const { names, parts, versions } = product;
  if (versions !== undefined && !isListed(versions, found.version)) return false;
  const isImage = names.some((name) => namesImage(name, subject));
  if (isImage) return parts.length === 0 || parts.some((part) => part.some((name) => namesPackage(name, found.purl)));
  return parts.length === 0 && names.some((name) => namesPackage(name, found.purl));
}

// A range that cannot be read covers nothing: what is not known to be unaffected counts.
function isListed({ exact, ranges }: NonNullable<VexProduct["versions"]>, version: string): boolean {
  return exact.includes(version) || ranges.some((range) => isInRange(range, version) === true);
}

/**
 * Whether a name stands for the image: its digest, or a purl of the type oci in either of the two styles in use: the
 * digest as version with the repository as a qualifier, or the tag as version with the repository as namespace. A purl
 * without version stands for every version. One of a docker image works as well.
 */
function namesImage(name: string, subject: InventorySubject): boolean {
  const { digest, indexDigest } = subject;
  if (name === digest || name === indexDigest) return true;
  // A repository as namespace is no purl of type oci by the letter, but is written.
  const purl = tryPurl(name) ?? tryPurl(name.replace(/^pkg:oci\//, "pkg:docker/"));
  if (purl === undefined || (purl.type !== "oci" && purl.type !== "docker")) return false;
  return isRepository(purl, subject) && isVersion(purl, subject);
}

function isVersion(
  { version, qualifiers }: PurlParts,
  { digest, indexDigest, tag, platform }: InventorySubject,
): boolean {
  const arch = qualifiers?.["arch"];
  if (arch !== undefined && platform !== undefined && arch !== platform.architecture) return false;
  if (version?.startsWith("sha256:") === true) return version === digest || version === indexDigest;
  const wanted = version ?? qualifiers?.["tag"];
  return wanted === undefined || wanted === tag;
}

// Of an image that has no repository only the digest tells which it is.
function isRepository({ namespace, name, version, qualifiers }: PurlParts, { repository }: InventorySubject): boolean {
  if (repository === undefined) return version?.startsWith("sha256:") === true;
  const path = [...(namespace === undefined ? [] : [namespace]), name].join("/").toLowerCase();
  const asked = qualifiers?.["repository_url"]?.toLowerCase();
  return namesRepository(repository.toLowerCase(), { path, last: name.toLowerCase(), asked });
}

interface ImageName {
  readonly path: string;
  readonly last: string;
  readonly asked: string | undefined;
}

function namesRepository(own: string, { path, last, asked }: ImageName): boolean {
  if (!own.endsWith(`/${last}`) && own !== last) return false;
  if (asked === undefined) return path === last || own === path || own.endsWith(`/${path}`);
  return asked === own || `${asked}/${last}` === own || `${asked}/${path}` === own;
}

function namesPackage(name: string, purl: string): boolean {
  if (name === purl) return true;
  const [wanted, own] = [tryPurl(name), tryPurl(purl)];
  if (wanted === undefined || own === undefined) return false;
  if (wanted.type !== own.type || wanted.namespace !== own.namespace || wanted.name !== own.name) return false;
  if (wanted.version !== undefined && wanted.version !== own.version) return false;
  if (wanted.subpath !== undefined && wanted.subpath !== own.subpath) return false;
  return Object.entries(wanted.qualifiers ?? {}).every(([key, value]) => own.qualifiers?.[key] === value);
}

function tryPurl(text: string): PurlParts | undefined {
  if (!text.startsWith("pkg:")) return undefined;
  try {
    return parsePurl(text);
  } catch (error) {
    if (isScError(error)) return undefined;
    throw error;
  }
}
