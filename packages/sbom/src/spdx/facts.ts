import { Decoder, type JsonValue } from "@sc/model";
import { defined } from "../defined.ts";
import type { ComponentFacts, DocumentFacts, ToolFacts } from "../document-facts.ts";

/** What an SPDX document says of itself and its parts. */
export function spdxFacts(value: JsonValue): DocumentFacts {
  const document = new Decoder(value, "document");
  const creation = document.member("creationInfo");
  const creators = creation.absent ? [] : listIn(creation, "creators").map((creator) => creator.string());
  const packages = listIn(document, "packages");
  const relationships = listIn(document, "relationships");
  const described = relationships.find((one) => one.member("relationshipType").value === "DESCRIBES");
  const describedId = described?.member("relatedSpdxElement").value ?? listIn(document, "documentDescribes")[0]?.value;
  const primary = packages.find((element) => element.member("SPDXID").value === describedId);
  const edges = relationships.filter((one) => (text(one, "relationshipType") ?? "").startsWith("DEPEND"));
  return defined<DocumentFacts>({
    format: "SPDX",
    version: (text(document, "spdxVersion") ?? "").replace("SPDX-", ""),
    identifier: text(document, "documentNamespace"),
    timestamp: creation.absent ? undefined : text(creation, "created"),
    authors: creators
      .filter((creator) => /^(Person|Organization): ?./.test(creator))
      .map((creator) => creator.replace(/^\w+: ?/, "")),
    tools: creators.filter((creator) => /^Tool: ?./.test(creator)).map(toolOf),
    lifecycles: [],
    dataLicense: text(document, "dataLicense"),
    signed: false,
    vulnerabilities: false,
    primary: primary === undefined ? undefined : componentFacts(primary),
    completeness: [],
    related: new Set(edges.map((one) => one.member("spdxElementId").value)).size,
    components: packages
      .filter((element) => element !== primary || packages.length === 1)
      .filter((element) => element.member("primaryPackagePurpose").value !== "OPERATING_SYSTEM")
      .map(componentFacts),
  });
}

/** `Tool: name-version`. */
function toolOf(creator: string): ToolFacts {
  const name = creator.replace(/^Tool: ?/, "");
  const match = /^(.+)[-@ ]v?(\d[\w.+-]*)$/.exec(name);
  return match === null ? { name } : { name: match[1] ?? "", version: match[2] ?? "" };
}

function componentFacts(element: Decoder): ComponentFacts {
  const references = listIn(element, "externalRefs");
  const locator = (type: RegExp): string | undefined => {
    const found = references.find((one) => type.test(text(one, "referenceType") ?? ""));
    return found === undefined ? undefined : text(found, "referenceLocator");
  };
  const licenses = ["licenseDeclared", "licenseConcluded"].map((member) => asserted(element, member));
  return defined<ComponentFacts>({
    name: text(element, "name"),
    version: text(element, "versionInfo"),
    supplier: (asserted(element, "supplier") ?? asserted(element, "originator"))?.replace(/^(\w+: )/, ""),
    type: text(element, "primaryPackagePurpose"),
    purl: locator(/^(purl|swid|swh)$/),
    cpe: locator(/^cpe2[23]Type$/),
    hashes: listIn(element, "checksums").flatMap((checksum) => text(checksum, "algorithm") ?? []),
    licenses: licenses.filter((license) => license !== undefined),
    concludedLicenses: licenses[1] === undefined ? [] : [licenses[1]],
    source: /^git\+|\.git\b/.test(asserted(element, "downloadLocation") ?? ""),
  });
}

function listIn(owner: Decoder, member: string): readonly Decoder[] {
  const list = owner.member(member);
  return list.absent ? [] : list.array();
}

function text(owner: Decoder, member: string): string | undefined {
  const value = owner.member(member).optional((present) => present.string());
  return value === "" ? undefined : value;
}

function asserted(owner: Decoder, member: string): string | undefined {
  const value = text(owner, member);
  return value === "NOASSERTION" || value === "NONE" ? undefined : value;
}
