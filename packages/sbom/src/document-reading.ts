import {
  type Decoder,
  type Digest,
  type Distribution,
  hasCode,
  type InventorySubject,
  isDigest,
  type LayerInfo,
  type License,
  type Package,
  parsePurl,
  type Platform,
  type Problem,
  type Purl,
  type PurlParts,
} from "@sc/model";
import { defined } from "./defined.ts";
import { byCodeUnits } from "./order.ts";
import { quote } from "./read/token.ts";

/** A purl as it stands in a document; `undefined` when the text is none that the specification allows. */
export function purlOf(text: string | undefined): Purl | undefined {
  return purlWithParts(text)?.purl;
}

/** The same, with its parts. */
export function purlWithParts(
  text: string | undefined,
): { readonly purl: Purl; readonly parts: PurlParts } | undefined {
  if (text === undefined || !beginsAsPurl(text)) return undefined;
  try {
    return { purl: text, parts: parsePurl(text) };
  } catch (error) {
    if (hasCode(error, "PURL_INVALID")) return undefined;
    throw error;
  }
}

function beginsAsPurl(text: string): text is Purl {
  return text.startsWith("pkg:");
}

/** The problem that a text is which stands where a purl should and is none. */
export function purlProblem(text: string | undefined, where: string): Problem[] {
  if (text === undefined || purlOf(text) !== undefined) return [];
  const message = `${where}: ${quote(text)} is not a package URL`;
  return [{ kind: "problem", code: "PURL_INVALID", message }];
}

/** A digest as it stands in a document; `undefined` when the text is none. */
export function digestIn(text: string | undefined): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

/** The licences that a document of ours carries unchanged. */
export function decodeLicenses(decoder: Decoder): License[] {
  return decoder.array().map((item) =>
    defined<License>({
      declared: item.member("declared").string(),
      expression: item.member("expression").optional((present) => present.string()),
    }),
  );
}

/** A problem that a document of ours carries unchanged. */
export function decodeProblem(decoder: Decoder): Problem {
  return defined<Problem>({
    kind: "problem",
    code: decoder.member("code").string(),
    message: decoder.member("message").string(),
    path: decoder.member("path").optional((present) => present.string()),
    layer: decoder.member("layer").optional((present) => present.digest()),
    cataloger: decoder.member("cataloger").optional((present) => present.string()),
    incomplete: decoder.member("incomplete").value === true ? true : undefined,
  });
}

const subjectTypes = ["image", "directory", "rootfs-tar", "document"] as const;

/** The subject that a document of ours carries unchanged. */
export function decodeSubject(decoder: Decoder): InventorySubject {
  const type = subjectTypes.find((known) => known === decoder.member("type").value);
  return defined<InventorySubject>({
    type: type ?? "document",
    name: decoder.member("name").string(),
    digest: decoder.member("digest").optional((present) => present.digest()),
    indexDigest: decoder.member("indexDigest").optional((present) => present.digest()),
    repository: decoder.member("repository").optional((present) => present.string()),
    tag: decoder.member("tag").optional((present) => present.string()),
    platform: decoder.member("platform").optional(decodePlatform),
    created: decoder.member("created").optional((present) => present.string()),
    labels: decoder.member("labels").optional((present) => present.strings()),
  });
}

/** The platform that a document of ours carries unchanged. */
export function decodePlatform(decoder: Decoder): Platform {
  return defined<Platform>({
    os: decoder.member("os").string(),
    architecture: decoder.member("architecture").string(),
    variant: decoder.member("variant").optional((present) => present.string()),
    "os.version": decoder.member("os.version").optional((present) => present.string()),
  });
}

/** A layer that a document of ours carries unchanged. */
export function decodeLayer(decoder: Decoder): LayerInfo {
  return defined<LayerInfo>({
    digest: decoder.member("digest").digest(),
    diffId: decoder.member("diffId").optional((present) => present.digest()),
    mediaType: decoder.member("mediaType").string(),
    size: decoder.member("size").count(),
    createdBy: decoder.member("createdBy").optional((present) => present.string()),
  });
}

/** The distribution that a document of ours carries unchanged. */
export function decodeDistribution(decoder: Decoder): Distribution {
  return defined<Distribution>({
    kind: "distribution",
    id: decoder.member("id").string(),
    idLike: decoder
      .member("idLike")
      .array()
      .map((id) => id.string()),
    versionId: decoder.member("versionId").optional((present) => present.string()),
    versionCodename: decoder.member("versionCodename").optional((present) => present.string()),
    prettyName: decoder.member("prettyName").optional((present) => present.string()),
    fields: decoder.member("fields").strings(),
    path: decoder.member("path").string(),
  });
}

/** The distribution that a purl's `distro` qualifier names: `debian-12`, `opensuse-leap-15.5`. */
export function distributionOfQualifier(distro: string | undefined): Distribution | undefined {
  const match = /^([a-z][a-z0-9._-]*?)(?:-(\d[\w.]*))?$/i.exec(distro ?? "");
  if (match === null) return undefined;
  const [, id = "", versionId] = match;
  return defined<Distribution>({
    kind: "distribution",
    id: id.toLowerCase(),
    idLike: [],
    versionId,
    fields: {},
    path: "",
  });
}

/** Packages in the order of an inventory, ids that were given twice made different. */
export function sortPackages(packages: readonly Package[]): Package[] {
  const sorted = packages.toSorted(byTypeNameAndPlace);
  const seen = new Map<string, number>();
  const unique: Package[] = [];
  for (const entry of sorted) {
    const count = seen.get(entry.id) ?? 0;
    seen.set(entry.id, count + 1);
    unique.push(count === 0 ? entry : { ...entry, id: `${entry.id}#${count}` });
  }
  return unique;
}

// No keys are made: a list of 100,000 is compared two million times.
function byTypeNameAndPlace(left: Package, right: Package): number {
  return (
    byCodeUnits(left.type, right.type) ||
    byCodeUnits(left.name, right.name) ||
    byCodeUnits(left.version, right.version) ||
    byCodeUnits(left.locations[0]?.path ?? "", right.locations[0]?.path ?? "") ||
    byCodeUnits(left.purl, right.purl)
  );
}
