import {
  digestHex,
  digestOf,
  type Distribution,
  type Inventory,
  type JsonObject,
  type Package,
  type PackageHash,
} from "@sc/model";
import type { WriteDocumentOptions } from "../document.ts";
import { documentTime, documentUuid, imagePurl } from "../document-identity.ts";
import { parseParty } from "../party.ts";
import { isUrl } from "../read/url.ts";
import { DocumentLicenses } from "./licenses.ts";

/** What an SPDX document is written as. */
export interface SpdxOptions extends WriteDocumentOptions {
  /** The format's id: part of the document's identity. */
  readonly format: string;
}

/** The annotator of what SPDX has no field for; such annotations are one JSON object each. */
export const annotator = "Tool: sc";

/** The identifiers of the elements that are not packages of the inventory. */
export const elementIds = {
  document: "SPDXRef-DOCUMENT",
  subject: "SPDXRef-Subject",
  system: "SPDXRef-OperatingSystem",
} as const;

/** The names SPDX has for hash algorithms. */
export const checksumAlgorithms: Readonly<Record<PackageHash["algorithm"], string>> = {
  md5: "MD5",
  sha1: "SHA1",
  sha256: "SHA256",
  sha384: "SHA384",
  sha512: "SHA512",
};

/** The comment of a relationship that says an element's files belong to a package of the operating system. */
export const ownedBy = "owned-by: the files of the related element belong to this package";

/** The standard demands a time; without any it is the beginning of all. */
const noTime = "1970-01-01T00:00:00Z";

/** A document, with the lists that grow with the image made element by element. */
export interface SpdxDocument {
  /** What makes its identifiers its own. */
  readonly uuid: string;
  /** Everything before the packages. */
  readonly head: JsonObject;
  readonly packages: Iterable<JsonObject>;
  /** The licences that are explained in the document itself: known once the packages have been taken. */
  readonly extracted: () => JsonObject[];
  readonly relationships: Iterable<JsonObject>;
}

/**
 * The SPDX 2.3 document of an inventory, as a plain value.
 *
 * @see https://spdx.github.io/spdx-spec/v2.3/
 */
export function spdxOf(inventory: Inventory, options: SpdxOptions): SpdxDocument {
  const { subject } = inventory;
  const created = documentTime(inventory, options) ?? noTime;
  const licenses = new DocumentLicenses();
  const name = `${subject.name}${subject.digest === undefined ? "" : `@${subject.digest}`}`;
  const uuid = documentUuid(inventory, options);
  const ids = new Map(inventory.packages.map(({ id }) => [id, elementId(id)]));
  const tool = options.tool === undefined ? "sc" : `${options.tool.name}-${options.tool.version}`;
  return {
    uuid,
    head: {
      spdxVersion: "SPDX-2.3",
      dataLicense: "CC0-1.0",
      SPDXID: elementIds.document,
      name: subject.name,
      documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${uuid}`,
      creationInfo: { created, creators: [`Tool: ${tool}`] },
      annotations: [annotation(inventoryFacts(inventory), created)],
    },
    packages: elementsOf(inventory, { licenses, created, ids }),
    extracted: () => licenses.extracted(),
    relationships: relationshipsOf(inventory, ids),
  };
}

function* elementsOf(inventory: Inventory, options: ElementOptions): Generator<JsonObject> {
  yield subjectElement(inventory);
  if (inventory.distribution !== undefined) yield systemElement(inventory.distribution, options.created);
  for (const entry of inventory.packages) yield packageElement(entry, options);
}

/** The identifier of a package's element: SPDX takes letters, digits, dots and dashes only. */
export function elementId(packageId: string): string {
  return `SPDXRef-Package-${digestHex(digestOf(packageId)).slice(0, 24)}`;
}

function annotation(facts: object, created: string): JsonObject {
  return { annotationDate: created, annotationType: "OTHER", annotator, comment: JSON.stringify(facts) };
}

function inventoryFacts({ subject, layers, catalogers, problems, incomplete }: Inventory): object {
  return { subject, layers, catalogers, problems, incomplete };
}

function subjectElement({ subject }: Inventory): JsonObject {
  const purl = imagePurl(subject);
  return {
    SPDXID: elementIds.subject,
    name: subject.name,
    versionInfo: subject.digest,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: subject.type === "directory" ? "FILE" : "CONTAINER",
    checksums: subject.digest?.startsWith("sha256:")
      ? [{ algorithm: "SHA256", checksumValue: digestHex(subject.digest) }]
      : undefined,
    externalRefs: purl === undefined ? undefined : [purlReference(purl)],
    ...noLicense,
  };
}

const noLicense = {
  licenseConcluded: "NOASSERTION",
  licenseDeclared: "NOASSERTION",
  copyrightText: "NOASSERTION",
} as const;

function purlReference(purl: string): JsonObject {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl };
}

function systemElement(distribution: Distribution, created: string): JsonObject {
  return {
    SPDXID: elementIds.system,
    name: distribution.id,
    versionInfo: distribution.versionId,
    summary: distribution.prettyName,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    primaryPackagePurpose: "OPERATING_SYSTEM",
    ...noLicense,
    annotations: [annotation(distribution, created)],
  };
}

interface ElementOptions {
  /** The identifiers of the packages' elements. */
  readonly ids: ReadonlyMap<string, string>;
  readonly licenses: DocumentLicenses;
  readonly created: string;
}

function packageElement(entry: Package, { licenses, created, ids }: ElementOptions): JsonObject {
  return {
    SPDXID: ids.get(entry.id) ?? elementId(entry.id),
    name: entry.name,
    versionInfo: entry.version,
    supplier: supplierOf(entry),
    downloadLocation: isUrl(entry.downloadLocation) ? entry.downloadLocation : "NOASSERTION",
    homepage: isUrl(entry.homepage) ? entry.homepage : undefined,
    sourceInfo: `found by ${entry.cataloger} in ${entry.locations.map(({ path }) => path).join(", ")}`,
    filesAnalyzed: false,
    primaryPackagePurpose: "LIBRARY",
    licenseConcluded: "NOASSERTION",
    licenseDeclared: licenses.expressionOf(entry.licenses),
    copyrightText: "NOASSERTION",
    description: entry.description,
    checksums: entry.hashes?.map(({ algorithm, value }) => ({
      algorithm: checksumAlgorithms[algorithm],
      checksumValue: value,
    })),
    externalRefs: [
      purlReference(entry.purl),
      ...(entry.cpes ?? []).map((cpe) => ({
        referenceCategory: "SECURITY",
        referenceType: cpe.startsWith("cpe:2.3:") ? "cpe23Type" : "cpe22Type",
        referenceLocator: cpe,
      })),
    ],
    annotations: [annotation(packageFacts(entry), created)],
  };
}

/** The form of the standard: `Person: name (address)`. Whether it is a person no database says. */
function supplierOf({ supplier, origin }: Package): string {
  if (supplier === undefined) return "NOASSERTION";
  const { name, email } = parseParty(supplier);
  const kind = origin === undefined && email !== undefined ? "Person" : "Organization";
  return `${kind}: ${name ?? ""}${email === undefined ? "" : ` (${email})`}`;
}

/** What SPDX has no field for, or gives back in another form. */
function packageFacts(entry: Package): object {
  const { id, type, cataloger, evidence, locations, licenses, source, architecture, origin, properties } = entry;
  return {
    id,
    type,
    cataloger,
    evidence,
    locations,
    licenses,
    source,
    architecture,
    origin,
    properties,
    supplier: entry.supplier,
    homepage: isUrl(entry.homepage) ? undefined : entry.homepage,
    downloadLocation: isUrl(entry.downloadLocation) ? undefined : entry.downloadLocation,
  };
}

function contains(from: string, to: string, comment?: string): JsonObject {
  return { spdxElementId: from, relationshipType: "CONTAINS", relatedSpdxElement: to, comment };
}

function* relationshipsOf(
  { relationships, distribution }: Inventory,
  ids: ReadonlyMap<string, string>,
): Generator<JsonObject> {
  const { document, subject, system } = elementIds;
  yield { spdxElementId: document, relationshipType: "DESCRIBES", relatedSpdxElement: subject };
  if (distribution !== undefined) yield contains(subject, system);
  for (const id of ids.values()) yield contains(subject, id);
  for (const { from, to, type } of relationships) {
    const [fromId, toId] = [ids.get(from) ?? elementId(from), ids.get(to) ?? elementId(to)];
    if (type === "owned-by") yield contains(toId, fromId, ownedBy);
    else if (type === "contains") yield contains(fromId, toId);
    else yield { spdxElementId: fromId, relationshipType: "DEPENDS_ON", relatedSpdxElement: toId };
  }
}
