import { Decoder, isJsonArray, isJsonObject, type JsonObject, type JsonValue, ScError } from "@sc/model";
import { defined } from "../defined.ts";
import { annotator } from "./write-document.ts";

const contexts = /^https?:\/\/spdx\.org\/rdf\/3\.0\.[01]\//;

/** Whether a JSON value is an SPDX 3 document. */
export function isGraph(value: JsonValue): boolean {
  return isJsonObject(value) && contextsOf(value).some((context) => context.startsWith("https://spdx.org/rdf/"));
}

function contextsOf(document: JsonObject): string[] {
  const context = document["@context"];
  const list = isJsonArray(context) ? context : [context];
  return list.filter((item) => typeof item === "string");
}

/**
 * An SPDX 3.0 document as the JSON of version 2.3 that says the same, for packages and how they stand to each other.
 *
 * Throws `DOCUMENT_UNSUPPORTED`, `DECODE_FAILED`.
 */
export function documentOfGraph(value: JsonValue): JsonObject {
  const document = new Decoder(value, "document");
  const context = contextsOf(document.object()).find((one) => one.startsWith("https://spdx.org/rdf/"));
  if (context === undefined || !contexts.test(context)) {
    const got = JSON.stringify(context ?? null).slice(0, 80);
    throw new ScError("DOCUMENT_UNSUPPORTED", `document.@context: got ${got}, wanted SPDX 3.0`);
  }
  return new GraphReader(document.member("@graph").array()).document();
}

const purposes: Readonly<Record<string, string>> = { operatingSystem: "OPERATING_SYSTEM", container: "CONTAINER" };

const identifierTypes: Readonly<Record<string, string>> = {
  packageUrl: "purl",
  cpe22: "cpe22Type",
  cpe23: "cpe23Type",
};

const relationshipTypes: Readonly<Record<string, string>> = {
  describes: "DESCRIBES",
  contains: "CONTAINS",
  dependsOn: "DEPENDS_ON",
};

class GraphReader {
  readonly #graph: readonly Decoder[];
  readonly #elements: ReadonlyMap<string, Decoder>;
  /** The licence that a relationship says an element declares, else concludes. */
  readonly #licenses = new Map<string, { readonly declared?: string; readonly concluded?: string }>();
  readonly #annotations = new Map<string, JsonObject[]>();
  readonly #relationships: JsonObject[] = [];

  constructor(graph: readonly Decoder[]) {
    this.#graph = graph;
    const elements = new Map<string, Decoder>();
    for (const element of graph) {
      const id = idOf(element);
      if (id !== undefined && !elements.has(id)) elements.set(id, element);
    }
    this.#elements = elements;
  }

  document(): JsonObject {
    for (const type of ["Relationship", "LifecycleScopedRelationship"]) {
      for (const element of this.#ofType(type)) this.#relationship(element);
    }
    for (const element of this.#ofType("Annotation")) this.#annotation(element);
    const [document] = this.#ofType("SpdxDocument");
    const documentId = document === undefined ? undefined : idOf(document);
    for (const root of this.#roots(document)) this.#relate(documentId ?? "SPDXRef-DOCUMENT", "DESCRIBES", root);
    const packages = this.#ofType("software_Package").map((element) => this.#package(element));
    return defined<JsonObject>({
      spdxVersion: "SPDX-2.3",
      SPDXID: documentId,
      name: document === undefined ? undefined : text(document, "name"),
      documentNamespace: documentId,
      dataLicense: document === undefined ? undefined : this.#expression(text(document, "dataLicense") ?? ""),
      creationInfo: this.#creation(document),
      annotations: documentId === undefined ? undefined : this.#annotations.get(documentId),
      packages,
      relationships: this.#relationships,
    });
  }

  #ofType(type: string): Decoder[] {
    return this.#graph.filter((element) => typeOf(element) === type);
  }

  /** What the document is about: its roots, or the roots of the bill of materials that is its root. */
  #roots(document: Decoder | undefined): string[] {
    const roots = document === undefined ? [] : textsIn(document, "rootElement");
    return roots.flatMap((root) => {
      const element = this.#elements.get(root);
      const collection = element !== undefined && /^(software_Sbom|Bom)$/.test(typeOf(element) ?? "");
      return collection ? textsIn(element, "rootElement") : [root];
    });
  }

  #creation(document: Decoder | undefined): JsonObject {
    const [first] = this.#ofType("CreationInfo");
    const named = document?.member("creationInfo").value;
    const own = typeof named === "string" ? this.#elements.get(named) : undefined;
    const info = own ?? (isJsonObject(named) ? document?.member("creationInfo") : undefined) ?? first;
    if (info === undefined) return {};
    const creators = [
      ...textsIn(info, "createdBy").map((id) => this.#agent(id)),
      ...textsIn(info, "createdUsing").map((id) => this.#agent(id, "Tool")),
    ];
    return defined<JsonObject>({
      created: text(info, "created"),
      creators: creators.filter((creator) => creator !== undefined),
    });
  }

  /** An agent in the words of version 2.3; a program that acts is a tool there. */
  #agent(id: string, kind?: string): string | undefined {
    const agent = this.#elements.get(id);
    if (agent === undefined) return undefined;
    const type = typeOf(agent);
    const name = text(agent, "name") ?? "";
    const label = kind ?? (type === "Person" || type === "Organization" ? type : "Tool");
    const email = identifiersIn(agent).find(({ type: one }) => one === "email");
    return `${label}: ${name}${email === undefined ? "" : ` (${email.identifier})`}`;
  }

  #relationship(element: Decoder): void {
    const type = text(element, "relationshipType") ?? "";
    const from = text(element, "from") ?? "";
    for (const to of textsIn(element, "to")) {
      if (type === "hasDeclaredLicense") this.#license(from, { declared: this.#expression(to) });
      else if (type === "hasConcludedLicense") this.#license(from, { concluded: this.#expression(to) });
      else this.#relate(from, relationshipTypes[type] ?? "OTHER", to, text(element, "comment"));
    }
  }

  #relate(from: string, type: string, to: string, comment?: string): void {
    this.#relationships.push(
      defined<JsonObject>({ spdxElementId: from, relationshipType: type, relatedSpdxElement: to, comment }),
    );
  }

  #license(
    from: string,
    found: { readonly declared?: string | undefined; readonly concluded?: string | undefined },
  ): void {
    this.#licenses.set(from, { ...this.#licenses.get(from), ...defined<JsonObject>(found) });
  }

  #expression(id: string): string | undefined {
    const element = this.#elements.get(id);
    const listed = /^https?:\/\/spdx\.org\/licenses\/([\w.+-]+)$/.exec(id)?.[1];
    if (element === undefined) return listed;
    return text(element, "simplelicensing_licenseExpression") ?? listed ?? text(element, "name");
  }

  #annotation(element: Decoder): void {
    const statement = text(element, "statement");
    const subject = text(element, "subject");
    if (statement === undefined || subject === undefined) return;
    const known = this.#annotations.get(subject);
    const annotation = { annotator, annotationType: "OTHER", comment: statement };
    if (known === undefined) this.#annotations.set(subject, [annotation]);
    else known.push(annotation);
  }

  #package(element: Decoder): JsonObject {
    const id = idOf(element) ?? "";
    const identifiers = identifiersIn(element);
    const purl = text(element, "software_packageUrl");
    const known = identifiers.some(({ type }) => type === "packageUrl");
    const [supplier] = [...textsIn(element, "suppliedBy"), ...textsIn(element, "originatedBy")];
    return defined<JsonObject>({
      SPDXID: id,
      name: element.member("name").string(),
      versionInfo: text(element, "software_packageVersion"),
      summary: text(element, "summary"),
      description: text(element, "description"),
      homepage: text(element, "software_homePage"),
      downloadLocation: text(element, "software_downloadLocation"),
      supplier: supplier === undefined ? undefined : this.#agent(supplier),
      primaryPackagePurpose: purposes[text(element, "software_primaryPurpose") ?? ""],
      licenseDeclared: this.#licenses.get(id)?.declared,
      licenseConcluded: this.#licenses.get(id)?.concluded,
      copyrightText: text(element, "software_copyrightText"),
      checksums: listIn(element, "verifiedUsing")
        .filter((hash) => text(hash, "algorithm") !== undefined)
        .map((hash) => ({
          algorithm: (text(hash, "algorithm") ?? "").toUpperCase(),
          checksumValue: text(hash, "hashValue") ?? "",
        })),
      externalRefs: [
        ...(purl === undefined || known ? [] : [{ referenceType: "purl", referenceLocator: purl }]),
        ...identifiers.map(({ type, identifier }) => ({
          referenceType: identifierTypes[type] ?? "other",
          referenceLocator: identifier,
        })),
      ],
      annotations: this.#annotations.get(id),
    });
  }
}

function typeOf(element: Decoder): string | undefined {
  const type = element.member("type");
  return (type.absent ? element.member("@type") : type).optional((present) => present.string());
}

function idOf(element: Decoder): string | undefined {
  return text(element, "spdxId") ?? text(element, "@id");
}

function text(element: Decoder, member: string): string | undefined {
  return element.member(member).optional((present) => present.string());
}

function listIn(element: Decoder, member: string): readonly Decoder[] {
  const list = element.member(member);
  return list.absent ? [] : list.array();
}

/** JSON-LD lets a list of one stand as the one. */
function textsIn(element: Decoder, member: string): string[] {
  const list = element.member(member);
  if (typeof list.value === "string") return [list.value];
  return list.absent ? [] : list.array().map((item) => item.string());
}

interface Identifier {
  readonly type: string;
  readonly identifier: string;
}

/** The specification's member and the plural that some tools write. */
function identifiersIn(element: Decoder): Identifier[] {
  return [...listIn(element, "externalIdentifier"), ...listIn(element, "externalIdentifiers")].map((item) => ({
    type: text(item, "externalIdentifierType") ?? "",
    identifier: item.member("identifier").string(),
  }));
}
