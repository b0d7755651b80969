import { Decoder, type JsonValue } from "@sc/model";
import { defined } from "../defined.ts";
import type { ComponentFacts, DocumentFacts, ToolFacts } from "../document-facts.ts";
import { flattenComponents } from "./read-bom.ts";

/** What a CycloneDX document says of itself and its parts. */
export function bomFacts(document: JsonValue): DocumentFacts {
  const bom = new Decoder(document, "bom");
  const metadata = objectIn(bom, "metadata");
  const primary = metadata.member("component");
  const dependencies = listIn(bom, "dependencies");
  const related = dependencies.filter((dependency) => listIn(dependency, "dependsOn").length > 0);
  return defined<DocumentFacts>({
    format: "CycloneDX",
    version: text(bom, "specVersion") ?? "",
    identifier: text(bom, "serialNumber"),
    timestamp: text(metadata, "timestamp"),
    authors: authorsOf(metadata),
    tools: toolsOf(metadata.member("tools")),
    lifecycles: listIn(metadata, "lifecycles").flatMap((one) => text(one, "phase") ?? text(one, "name") ?? []),
    dataLicense: licensesOf(metadata, () => true)[0],
    signed: !bom.member("signature").absent,
    vulnerabilities: listIn(bom, "vulnerabilities").length > 0,
    primary: primary.absent ? undefined : componentFacts(primary),
    completeness: listIn(bom, "compositions").flatMap((one) => text(one, "aggregate") ?? []),
    related: related.length,
    components: flattenComponents(bom.member("components"))
      .filter((component) => component.member("type").value !== "operating-system")
      .map(componentFacts),
  });
}

function componentFacts(component: Decoder): ComponentFacts {
  const group = text(component, "group");
  const name = text(component, "name");
  const swid = component.member("swid");
  return defined<ComponentFacts>({
    name: group === undefined || name === undefined ? name : `${group}/${name}`,
    version: text(component, "version"),
    supplier:
      partyOf(component.member("supplier")) ??
      partyOf(component.member("manufacturer")) ??
      listIn(component, "authors").map(partyOf)[0] ??
      text(component, "publisher") ??
      text(component, "author"),
    type: text(component, "type"),
    purl: text(component, "purl") ?? (swid.absent ? undefined : text(swid, "tagId")),
    cpe: text(component, "cpe"),
    hashes: listIn(component, "hashes").flatMap((hash) => text(hash, "alg") ?? []),
    licenses: licensesOf(component, () => true),
    concludedLicenses: licensesOf(component, (acknowledgement) => acknowledgement === "concluded"),
    source: listIn(component, "externalReferences").some((one) =>
      /^(vcs|source-distribution)$/.test(text(one, "type") ?? ""),
    ),
  });
}

function authorsOf(metadata: Decoder): string[] {
  const organizations = ["manufacturer", "manufacture", "supplier"].map((name) => partyOf(metadata.member(name)));
  return [...listIn(metadata, "authors").map(partyOf), ...organizations].filter((one) => one !== undefined);
}

/** Name, and e-mail or URL in angle brackets; `undefined` when there is neither. */
function partyOf(party: Decoder): string | undefined {
  if (party.absent) return undefined;
  const [contact] = listIn(party, "contact");
  const [url] = listIn(party, "url");
  const address = text(party, "email") ?? (contact === undefined ? undefined : text(contact, "email")) ?? url?.string();
  const name = text(party, "name");
  if (address === undefined || address === "") return name === "" ? undefined : name;
  return `${name ?? ""} <${address}>`.trim();
}

/** A list of tools, or since 1.5 an object with components. */
function toolsOf(tools: Decoder): ToolFacts[] {
  if (tools.absent) return [];
  const list = Array.isArray(tools.value) ? tools.array() : listIn(tools, "components");
  return list.map((tool) => defined<ToolFacts>({ name: text(tool, "name") ?? "", version: text(tool, "version") }));
}

function licensesOf(owner: Decoder, wanted: (acknowledgement: string | undefined) => boolean): string[] {
  return listIn(owner, "licenses").flatMap((item) => {
    const license = item.member("license");
    const holder = license.absent ? item : license;
    if (!wanted(text(holder, "acknowledgement"))) return [];
    return text(holder, "id") ?? text(holder, "name") ?? text(item, "expression") ?? [];
  });
}

function objectIn(owner: Decoder, member: string): Decoder {
  const value = owner.member(member);
  return value.absent ? new Decoder({}, value.path) : value;
}

function listIn(owner: Decoder, member: string): readonly Decoder[] {
  const list = owner.member(member);
  return list.absent ? [] : list.array();
}

function text(owner: Decoder, member: string): string | undefined {
  const value = owner.member(member).optional((present) => present.string());
  return value === "" ? undefined : value;
}
