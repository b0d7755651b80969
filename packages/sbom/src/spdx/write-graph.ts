import { digestHex, digestOf, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import type { SpdxDocument } from "./write-document.ts";

/** The context that every SPDX 3.0.1 document in JSON-LD names. */
export const spdxContext = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

const creationInfo = "_:creationInfo";

const purposes: Readonly<Record<string, string>> = {
  CONTAINER: "container",
  FILE: "file",
  LIBRARY: "library",
  OPERATING_SYSTEM: "operatingSystem",
};

const relationshipTypes: Readonly<Record<string, string>> = {
  DESCRIBES: "describes",
  CONTAINS: "contains",
  DEPENDS_ON: "dependsOn",
};

/** The licence of every document; the standard wants it as an element. */
const documentLicense = "CC0-1.0";

/** What relationships have in common that one element can say. */
const sameSource = ["spdxElementId", "relationshipType", "comment"] as const;

/** Targets of one relationship: none is so large that it matters to what a document costs in memory. */
const maxTargets = 1000;

/**
 * The elements of an SPDX 3.0.1 document that says what a document of version 2.3 says.
 *
 * @see https://spdx.github.io/spdx-spec/v3.0.1/
 */
export function graphOf(document: SpdxDocument): Iterable<JsonObject> {
  return new GraphWriter(document).elements();
}

class GraphWriter {
  readonly #document: SpdxDocument;
  readonly #namespace: string;
  readonly #customIds = new Map<string, string>();
  /** Identifiers of the agents and licences that have been written, by what they say. */
  readonly #agentIds = new Map<string, string>();
  readonly #licenseIds = new Map<string, string>();

  constructor(document: SpdxDocument) {
    this.#document = document;
    // It stands in every identifier, so without the name, which can be long.
    this.#namespace = `https://spdx.org/spdxdocs/${document.uuid}#`;
  }

  *elements(): Generator<JsonObject> {
    const { head, packages, extracted, relationships } = this.#document;
    yield* this.#headElements(head);
    for (const element of packages) yield* this.#packageElements(element);
    for (const license of extracted()) {
      yield this.#element("simplelicensing_SimpleLicensingText", this.#customId(plain(license["licenseId"])), {
        name: license["licenseId"],
        simplelicensing_licenseText: license["extractedText"],
      });
    }
    yield* this.#relationships(relationships);
  }

  /** One element for all that stand one after the other and differ only in their target, up to a bound. */
  *#relationships(relationships: Iterable<JsonObject>): Generator<JsonObject> {
    let count = 0;
    let open: JsonObject | undefined;
    let to: string[] = [];
    const close = (): JsonObject[] => {
      if (open === undefined) return [];
      const { spdxElementId, relationshipType, comment } = open;
      count += 1;
      return [
        this.#element("Relationship", this.#id(`SPDXRef-Relationship-${count - 1}`), {
          comment,
          from: this.#id(plain(spdxElementId)),
          relationshipType: relationshipTypes[plain(relationshipType)] ?? "other",
          to,
        }),
      ];
    };
    for (const relationship of relationships) {
      // That the document describes the image is what its root elements say.
      if (relationship["relationshipType"] === "DESCRIBES") continue;
      const same = sameSource.every((member) => relationship[member] === open?.[member]);
      if (!same || to.length >= maxTargets) {
        yield* close();
        open = relationship;
        to = [];
      }
      to.push(this.#id(plain(relationship["relatedSpdxElement"])));
    }
    yield* close();
  }

  *#headElements(head: JsonObject): Generator<JsonObject> {
    const creation = isJsonObject(head["creationInfo"]) ? head["creationInfo"] : {};
    const tool = plain(listIn(creation, "creators")[0]).replace("Tool: ", "");
    const [agentId, toolId, sbomId] = ["SPDXRef-Agent", "SPDXRef-Tool", "SPDXRef-Sbom"].map((id) => this.#id(id));
    yield {
      type: "CreationInfo",
      "@id": creationInfo,
      specVersion: "3.0.1",
      created: creation["created"],
      createdBy: [agentId ?? ""],
      createdUsing: [toolId ?? ""],
    };
    yield this.#element("SoftwareAgent", agentId ?? "", { name: tool });
    yield this.#element("Tool", toolId ?? "", { name: tool });
    yield* this.#expression(documentLicense);
    yield this.#element("SpdxDocument", this.#id(plain(head["SPDXID"])), {
      name: head["name"],
      dataLicense: this.#licenseIds.get(documentLicense),
      profileConformance: ["core", "software", "simpleLicensing"],
      rootElement: [sbomId ?? ""],
    });
    yield this.#element("software_Sbom", sbomId ?? "", {
      name: head["name"],
      software_sbomType: ["analyzed"],
      rootElement: [this.#id("SPDXRef-Subject")],
    });
    yield* this.#annotations(head);
  }

  *#packageElements(element: JsonObject): Generator<JsonObject> {
    const spdxId = this.#id(plain(element["SPDXID"]));
    const supplier = asserted(element["supplier"]);
    const isNew = supplier !== undefined && !this.#agentIds.has(supplier);
    const supplierId = supplier === undefined ? undefined : this.#agentId(supplier);
    if (isNew && supplierId !== undefined) yield this.#agent(supplierId, supplier);
    const purl = referencesIn(element).find(({ referenceType }) => referenceType === "purl");
    yield this.#element("software_Package", spdxId, {
      name: element["name"],
      summary: element["summary"],
      description: element["description"],
      verifiedUsing: hashesOf(element),
      externalIdentifier: identifiersOf(element),
      suppliedBy: supplierId,
      software_primaryPurpose: purposes[plain(element["primaryPackagePurpose"])],
      software_packageVersion: element["versionInfo"],
      software_packageUrl: purl?.["referenceLocator"],
      software_downloadLocation: asserted(element["downloadLocation"]),
      software_homePage: element["homepage"],
      software_sourceInfo: element["sourceInfo"],
    });
    yield* this.#license(spdxId, plain(element["SPDXID"]), asserted(element["licenseDeclared"]));
    yield* this.#annotations(element);
  }

  /** The element of an expression, the first time that it is needed. */
  *#expression(expression: string): Generator<JsonObject> {
    if (this.#licenseIds.has(expression)) return;
    const license = this.#id(`SPDXRef-License-${hashed(expression)}`);
    this.#licenseIds.set(expression, license);
    const custom = [...new Set(expression.match(/LicenseRef-[A-Za-z0-9.-]+/g))].map((key) => ({
      type: "DictionaryEntry",
      key,
      value: this.#customId(key),
    }));
    yield this.#element("simplelicensing_LicenseExpression", license, {
      simplelicensing_licenseExpression: expression,
      simplelicensing_customIdToUri: custom.length === 0 ? undefined : custom,
    });
  }

  *#license(from: string, id: string, expression: string | undefined): Generator<JsonObject> {
    if (expression === undefined) return;
    yield* this.#expression(expression);
    yield this.#element("Relationship", this.#id(`${id}-License`), {
      from,
      relationshipType: "hasDeclaredLicense",
      to: [this.#licenseIds.get(expression) ?? ""],
    });
  }

  #customId(key: string): string {
    const known = this.#customIds.get(key) ?? this.#id(`SPDXRef-${key}`);
    this.#customIds.set(key, known);
    return known;
  }

  #agentId(supplier: string): string {
    const known = this.#agentIds.get(supplier) ?? this.#id(`SPDXRef-Agent-${hashed(supplier)}`);
    this.#agentIds.set(supplier, known);
    return known;
  }

  #agent(spdxId: string, supplier: string): JsonObject {
    const match = /^(Person|Organization): ([\s\S]*?)(?: \(([^()]*)\))?$/.exec(supplier);
    const email = match?.[3];
    return this.#element(match?.[1] ?? "Organization", spdxId, {
      name: match?.[2] ?? supplier,
      externalIdentifier:
        email === undefined
          ? undefined
          : [{ type: "ExternalIdentifier", externalIdentifierType: "email", identifier: email }],
    });
  }

  *#annotations(element: JsonObject): Generator<JsonObject> {
    for (const annotation of listIn(element, "annotations")) {
      if (!isJsonObject(annotation)) continue;
      const id = plain(element["SPDXID"]);
      yield this.#element("Annotation", this.#id(`${id}-Annotation`), {
        annotationType: "other",
        contentType: "application/json",
        subject: this.#id(id),
        statement: annotation["comment"],
      });
    }
  }

  #element(type: string, spdxId: string, members: JsonObject): JsonObject {
    return { type, spdxId, creationInfo, ...members };
  }

  #id(id: string): string {
    return `${this.#namespace}${id}`;
  }
}

function hashed(text: string): string {
  return digestHex(digestOf(text)).slice(0, 24);
}

function plain(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function asserted(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "NOASSERTION" ? value : undefined;
}

function listIn(owner: JsonObject, member: string): readonly JsonValue[] {
  const list = owner[member];
  return isJsonArray(list) ? list : [];
}

function referencesIn(element: JsonObject): JsonObject[] {
  return listIn(element, "externalRefs").filter((reference) => isJsonObject(reference));
}

function hashesOf(element: JsonObject): JsonObject[] | undefined {
  const hashes = listIn(element, "checksums")
    .filter((checksum) => isJsonObject(checksum))
    .map(({ algorithm, checksumValue }) => ({
      type: "Hash",
      algorithm: plain(algorithm).toLowerCase(),
      hashValue: checksumValue,
    }));
  return hashes.length === 0 ? undefined : hashes;
}

const identifierTypes: Readonly<Record<string, string>> = {
  purl: "packageUrl",
  cpe22Type: "cpe22",
  cpe23Type: "cpe23",
};

function identifiersOf(element: JsonObject): JsonObject[] | undefined {
  const identifiers = referencesIn(element).map(({ referenceType, referenceLocator }) => ({
    type: "ExternalIdentifier",
    externalIdentifierType: identifierTypes[plain(referenceType)] ?? "other",
    identifier: referenceLocator,
  }));
  return identifiers.length === 0 ? undefined : identifiers;
}
