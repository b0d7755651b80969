import {
  Decoder,
  type Distribution,
  formatPurl,
  type Inventory,
  type InventorySubject,
  type JsonValue,
  type License,
  type Package,
  type PackageHash,
  type PackageLocation,
  parseJson,
  type Problem,
  type Relationship,
  ScError,
  type SourcePackage,
} from "@sc/model";
import { defined } from "../defined.ts";
import {
  decodeLayer,
  decodeLicenses,
  decodeProblem,
  decodeSubject,
  distributionOfQualifier,
  purlOf,
  purlProblem,
  sortPackages,
} from "../document-reading.ts";
import { readLicense } from "../license.ts";
import { byTexts } from "../order.ts";
import { type PurlFacts, purlFacts } from "../purl-facts.ts";
import { annotator, checksumAlgorithms, ownedBy } from "./write-document.ts";

/** The inventory that an SPDX 2 document in its JSON form holds, whoever wrote it. */
export function readSpdx(value: JsonValue): Inventory {
  const document = new Decoder(value, "document");
  const version = document.member("spdxVersion").value;
  if (version !== "SPDX-2.3" && version !== "SPDX-2.2") {
    const got = JSON.stringify(version ?? null).slice(0, 40);
    throw new ScError("DOCUMENT_UNSUPPORTED", `document.spdxVersion: got ${got}, wanted SPDX-2.2 or SPDX-2.3`);
  }
  return new SpdxReader(document).inventory();
}

/** What our own writer put into an element's annotation; absent in documents of others. */
function ownFacts(element: Decoder): Decoder {
  const annotations = element.member("annotations");
  for (const annotation of annotations.absent ? [] : annotations.array()) {
    const { value } = annotation.member("annotator");
    const comment = annotation.member("comment").value;
    if (value !== annotator || typeof comment !== "string" || !comment.startsWith("{")) continue;
    const where = `${annotation.path}.comment`;
    return new Decoder(parseJson(comment, where), where);
  }
  return new Decoder({}, element.path);
}

function text(element: Decoder, member: string): string | undefined {
  return element.member(member).optional((present) => present.string());
}

/** A field's value, unless it says that nothing is said. */
function asserted(element: Decoder, member: string): string | undefined {
  const value = text(element, member);
  return value === "NOASSERTION" || value === "NONE" || value === "" ? undefined : value;
}

class SpdxReader {
  readonly #document: Decoder;
  readonly #own: Decoder;
  readonly #elements: readonly Decoder[];
  readonly #relationships: readonly Decoder[];
  readonly #extracted: ReadonlyMap<string, string>;

  constructor(document: Decoder) {
    this.#document = document;
    this.#own = ownFacts(document);
    this.#elements = listOf(document, "packages");
    this.#relationships = listOf(document, "relationships");
    this.#extracted = new Map(
      listOf(document, "hasExtractedLicensingInfos").map((info) => [
        info.member("licenseId").string(),
        text(info, "extractedText") ?? "",
      ]),
    );
  }

  inventory(): Inventory {
    const described = this.#described();
    const system = this.#elements.find(
      (element) => element.member("primaryPackagePurpose").value === "OPERATING_SYSTEM",
    );
    const ids = new Map<string, string>();
    const packages: Package[] = [];
    for (const element of this.#elements) {
      if (element === described || element === system) continue;
      const entry = this.#package(element);
      packages.push(entry);
      ids.set(element.member("SPDXID").string(), entry.id);
    }
    const catalogers = this.#own.member("catalogers").optional((present) => present.array());
    return defined<Inventory>({
      subject: this.#subject(described),
      distribution: system === undefined ? distributionOf(packages) : distributionIn(system),
      layers: listOf(this.#own, "layers").map(decodeLayer),
      packages: sortPackages(packages),
      relationships: this.#edges(ids).toSorted((left, right) =>
        byTexts([left.from, left.type, left.to], [right.from, right.type, right.to]),
      ),
      problems: [...listOf(this.#own, "problems").map(decodeProblem), ...this.#elements.flatMap(purlProblemsOf)],
      incomplete: this.#own.member("incomplete").value === true,
      catalogers: (catalogers ?? []).map((id) => id.string()),
    });
  }

  /** The element the document is about, when that is one element that is not itself a package of an ecosystem. */
  #described(): Decoder | undefined {
    const ids = new Set<unknown>();
    for (const relationship of this.#relationships) {
      const type = relationship.member("relationshipType").value;
      if (type === "DESCRIBES") ids.add(relationship.member("relatedSpdxElement").value);
      if (type === "DESCRIBED_BY") ids.add(relationship.member("spdxElementId").value);
    }
    const [first, ...others] = this.#elements.filter((element) => ids.has(element.member("SPDXID").value));
    return first !== undefined && others.length === 0 && isSubject(first) ? first : undefined;
  }

  #subject(described: Decoder | undefined): InventorySubject {
    const own = this.#own.member("subject");
    if (!own.absent) return decodeSubject(own);
    return { type: "document", name: text(described ?? this.#document, "name") ?? "SPDX document" };
  }

  #package(element: Decoder): Package {
    const own = ownFacts(element);
    const name = element.member("name").string();
    const version = text(element, "versionInfo");
    const purl = purlOf(referencesOf(element, /^purl$/)[0]) ?? formatPurl({ type: "generic", name, version });
    const facts = purlFacts(purl);
    const cpes = referencesOf(element, /^cpe2[23]Type$/);
    return defined<Package>({
      kind: "package",
      id: text(own, "id") ?? element.member("SPDXID").string(),
      type: text(own, "type") ?? facts.type,
      name: text(own, "id") === undefined ? foreignName(name, facts) : name,
      version: version ?? facts.version,
      purl,
      cataloger: text(own, "cataloger") ?? "document",
      evidence: text(own, "evidence") === "declared" ? "declared" : "installed",
      locations: listOf(own, "locations").map(locationOf),
      licenses: own.member("licenses").optional(decodeLicenses) ?? this.#licenses(element),
      source: own.member("source").optional(sourceOf) ?? facts.source,
      architecture: text(own, "architecture") ?? facts.architecture,
      supplier: text(own, "supplier") ?? supplierOf(asserted(element, "supplier")),
      origin: originOf(text(own, "origin"), facts),
      description: text(element, "description"),
      homepage: text(own, "homepage") ?? asserted(element, "homepage"),
      downloadLocation: text(own, "downloadLocation") ?? asserted(element, "downloadLocation"),
      cpes: cpes.length === 0 ? undefined : cpes,
      hashes: hashesOf(element),
      properties: own.member("properties").optional((present) => present.strings()),
    });
  }

  #licenses(element: Decoder): License[] {
    const declared = asserted(element, "licenseDeclared") ?? asserted(element, "licenseConcluded");
    const license = declared === undefined ? undefined : readLicense(this.#extracted.get(declared) ?? declared);
    return license === undefined ? [] : [license];
  }

  #edges(ids: ReadonlyMap<string, string>): Relationship[] {
    const edges: Relationship[] = [];
    for (const relationship of this.#relationships) {
      const from = ids.get(relationship.member("spdxElementId").string());
      const to = ids.get(relationship.member("relatedSpdxElement").string());
      if (from === undefined || to === undefined) continue;
      const type = relationship.member("relationshipType").value;
      if (type === "DEPENDS_ON") edges.push({ from, to, type: "depends-on" });
      else if (type === "DEPENDENCY_OF") edges.push({ from: to, to: from, type: "depends-on" });
      else if (type !== "CONTAINS") continue;
      else if (relationship.member("comment").value === ownedBy) edges.push({ from: to, to: from, type: "owned-by" });
      else edges.push({ from, to, type: "contains" });
    }
    return edges;
  }
}

function listOf(owner: Decoder, member: string): readonly Decoder[] {
  const list = owner.member(member);
  return list.absent ? [] : list.array();
}

function isSubject(element: Decoder): boolean {
  const purl = referencesOf(element, /^purl$/)[0];
  return purl === undefined || purl.startsWith("pkg:oci/") || purl.startsWith("pkg:docker/");
}

function purlProblemsOf(element: Decoder): Problem[] {
  return referencesOf(element, /^purl$/).flatMap((purl) => purlProblem(purl, `${element.path}.externalRefs`));
}

function referencesOf(element: Decoder, type: RegExp): string[] {
  return listOf(element, "externalRefs")
    .filter((reference) => type.test(text(reference, "referenceType") ?? ""))
    .map((reference) => reference.member("referenceLocator").string());
}

/** Others write scopes and groups into the name in their own ways; the purl has them for certain. */
function foreignName(name: string, facts: PurlFacts): string {
  return facts.name.includes("/") || facts.name.includes(":") ? facts.name : name;
}

function originOf(own: string | undefined, facts: PurlFacts): Package["origin"] {
  if (own === "third-party") return "third-party";
  return own === "distribution" || facts.source !== undefined ? "distribution" : undefined;
}

/** `Person: name (address)` or `Organization: name (address)`. */
function supplierOf(supplier: string | undefined): string | undefined {
  const match = /^(?:Person|Organization): ([^()]*?)(?: ?\(([^()]+)\))?$/.exec(supplier ?? "");
  if (match === null) return supplier;
  const [, name = "", email] = match;
  return email === undefined ? name : `${name} <${email}>`;
}

function hashesOf(element: Decoder): PackageHash[] | undefined {
  const hashes: PackageHash[] = [];
  for (const checksum of listOf(element, "checksums")) {
    const named = checksum.member("algorithm").string();
    const value = checksum.member("checksumValue").string().toLowerCase();
    for (const algorithm of ["md5", "sha1", "sha256", "sha384", "sha512"] as const) {
      if (checksumAlgorithms[algorithm] === named) hashes.push({ algorithm, value });
    }
  }
  return hashes.length === 0 ? undefined : hashes;
}

function locationOf(decoder: Decoder): PackageLocation {
  return defined<PackageLocation>({
    path: decoder.member("path").string(),
    layer: decoder.member("layer").optional((present) => present.digest()),
    diffId: decoder.member("diffId").optional((present) => present.digest()),
    layerIndex: decoder.member("layerIndex").optional((present) => present.count()),
  });
}

function sourceOf(decoder: Decoder): SourcePackage {
  return defined<SourcePackage>({ name: decoder.member("name").string(), version: text(decoder, "version") });
}

function distributionIn(element: Decoder): Distribution {
  const own = ownFacts(element);
  const idLike = listOf(own, "idLike").map((id) => id.string());
  return defined<Distribution>({
    kind: "distribution",
    id: element.member("name").string().toLowerCase(),
    idLike,
    versionId: text(element, "versionInfo"),
    versionCodename: text(own, "versionCodename"),
    prettyName: text(element, "summary"),
    fields: own.member("fields").optional((present) => present.strings()) ?? {},
    path: text(own, "path") ?? "",
  });
}

function distributionOf(packages: readonly Package[]): Distribution | undefined {
  for (const { purl, source } of packages) {
    const distribution = source === undefined ? undefined : distributionOfQualifier(purlFacts(purl).distro);
    if (distribution !== undefined) return distribution;
  }
  return undefined;
}
