import {
  Decoder,
  type Distribution,
  formatPurl,
  type Inventory,
  type InventorySubject,
  type JsonValue,
  type License,
  type Package,
  type PackageLocation,
  type Problem,
  type Relationship,
  ScError,
} from "@sc/model";
import { defined, someProperties } from "../defined.ts";
import type { ComponentFacts, DocumentFacts } from "../document-facts.ts";
import {
  decodeDistribution,
  decodeLayer,
  decodeProblem,
  decodeSubject,
  digestIn,
  purlOf,
  purlProblem,
  sortPackages,
} from "../document-reading.ts";
import { readLicense } from "../license.ts";
import { byTexts } from "../order.ts";
import { purlFacts } from "../purl-facts.ts";
import { purlTypesOfSyft } from "./ecosystem-names.ts";
import { layerProperties, ownConfiguration } from "./write-document.ts";

/** The inventory that a document of syft's own format holds. */
export function readSyft(value: JsonValue): Inventory {
  const document = new Decoder(value, "document");
  const version = text(document.member("schema"), "version") ?? "";
  if (!/^(1[0-9]|[1-9])\.\d+\.\d+$/.test(version)) {
    const got = JSON.stringify(version.slice(0, 40));
    throw new ScError("DOCUMENT_UNSUPPORTED", `document.schema.version: got ${got}, wanted 1 to 19`);
  }
  const own = ownFacts(document);
  const artifacts = document.member("artifacts").array();
  const packages = artifacts.map(packageOf);
  const ids = new Set(packages.map(({ id }) => id));
  return defined<Inventory>({
    subject: own.member("subject").optional(decodeSubject) ?? subjectOf(document.member("source")),
    distribution: own.member("distribution").optional(decodeDistribution) ?? distributionOf(document, own),
    layers: listIn(own, "layers").map(decodeLayer),
    packages: sortPackages(restoreLayers(packages, listIn(own, "layers").map(decodeLayer))),
    relationships: listIn(document, "artifactRelationships")
      .flatMap((relationship) => edgeOf(relationship, ids))
      .toSorted((left, right) => byTexts([left.from, left.type, left.to], [right.from, right.type, right.to])),
    problems: [...listIn(own, "problems").map(decodeProblem), ...artifacts.flatMap(purlProblemOf)],
    incomplete: own.member("incomplete").value === true,
    catalogers: listIn(own, "catalogers").map((id) => id.string()),
  });
}

function ownFacts(document: Decoder): Decoder {
  const descriptor = document.member("descriptor");
  const configuration = descriptor.absent ? descriptor : descriptor.member("configuration");
  const own = configuration.absent ? configuration : configuration.member(ownConfiguration);
  return own.absent ? new Decoder({}, "document.descriptor") : own;
}

function packageOf(artifact: Decoder): Package {
  const name = artifact.member("name").string();
  const version = text(artifact, "version") ?? "";
  const purl = purlOf(text(artifact, "purl")) ?? formatPurl({ type: "generic", name, version });
  const facts = purlFacts(purl);
  const cpes = listIn(artifact, "cpes").map((cpe) =>
    (typeof cpe.value === "string" ? cpe : cpe.member("cpe")).string(),
  );
  return defined<Package>({
    kind: "package",
    id: text(artifact, "id") ?? purl,
    type: facts.type === "generic" ? (purlTypesOfSyft.get(text(artifact, "type") ?? "") ?? "generic") : facts.type,
    name: facts.name.includes(":") || facts.name.includes("/") ? ownCase(facts.name, name) : name,
    version,
    purl,
    cataloger: text(artifact, "foundBy") ?? "document",
    evidence: "installed",
    locations: listIn(artifact, "locations").map(locationOf),
    licenses: listIn(artifact, "licenses").flatMap(licenseOf),
    source: facts.source,
    architecture: facts.architecture,
    origin: facts.source === undefined ? undefined : "distribution",
    cpes: cpes.length === 0 ? undefined : cpes,
    properties: layerPropertiesOf(listIn(artifact, "locations")[0]),
  });
}

/** syft leaves a group out of the name; the purl's type may write all names in lower case. */
function ownCase(whole: string, name: string): string {
  return whole.toLowerCase() === name.toLowerCase() ? name : whole;
}

function layerPropertiesOf(location: Decoder | undefined): Package["properties"] {
  const annotations = location?.member("annotations");
  if (annotations === undefined || annotations.absent) return undefined;
  return someProperties(Object.fromEntries(layerProperties.map((name) => [name, text(annotations, name)])));
}

function locationOf(location: Decoder): PackageLocation {
  return defined<PackageLocation>({
    path: location.member("path").string().replace(/^\/+/, ""),
    diffId: digestIn(text(location, "layerID")),
  });
}

/** The layers of the image by what the document calls them, where this package wrote it. */
function restoreLayers(packages: readonly Package[], layers: Inventory["layers"]): Package[] {
  if (layers.length === 0) return [...packages];
  const places = new Map(layers.map((layer, layerIndex) => [layer.diffId ?? layer.digest, { layer, layerIndex }]));
  return packages.map((entry) => ({
    ...entry,
    locations: entry.locations.map((location) => {
      const place = location.diffId === undefined ? undefined : places.get(location.diffId);
      if (place === undefined) return location;
      const { digest, diffId } = place.layer;
      return defined<PackageLocation>({ path: location.path, layer: digest, diffId, layerIndex: place.layerIndex });
    }),
  }));
}

/** Before version 11 of the schema a licence was its text alone. */
function licenseOf(license: Decoder): License[] {
  const declared = typeof license.value === "string" ? license.value : text(license, "value");
  if (declared === undefined || declared === "") return [];
  const expression = typeof license.value === "string" ? undefined : text(license, "spdxExpression");
  if (expression !== undefined) return [expression === "" ? { declared } : { declared, expression }];
  const read = readLicense(declared);
  return [read ?? { declared }];
}

function edgeOf(relationship: Decoder, ids: ReadonlySet<string>): Relationship[] {
  const parent = relationship.member("parent").string();
  const child = relationship.member("child").string();
  if (!ids.has(parent) || !ids.has(child)) return [];
  const type = relationship.member("type").value;
  if (type === "dependency-of") return [{ from: child, to: parent, type: "depends-on" }];
  if (type === "ownership-by-file-overlap") return [{ from: child, to: parent, type: "owned-by" }];
  return type === "contains" ? [{ from: parent, to: child, type: "contains" }] : [];
}

function purlProblemOf(artifact: Decoder): Problem[] {
  const purl = text(artifact, "purl");
  return purl === "" ? [] : purlProblem(purl, `${artifact.path}.purl`);
}

function subjectOf(source: Decoder): InventorySubject {
  if (source.absent) return { type: "document", name: "syft document" };
  const metadata = source.member("metadata");
  const digest = metadata.absent ? undefined : digestIn(text(metadata, "manifestDigest"));
  return defined<InventorySubject>({ type: "document", name: text(source, "name") ?? "syft document", digest });
}

function distributionOf(document: Decoder, own: Decoder): Distribution | undefined {
  const distro = document.member("distro");
  // Where this package wrote the document, no distribution means none.
  if (distro.absent || !own.member("subject").absent) return undefined;
  const id = text(distro, "id") ?? "";
  if (id === "") return undefined;
  return defined<Distribution>({
    kind: "distribution",
    id: id.toLowerCase(),
    idLike: listIn(distro, "idLike").map((one) => one.string()),
    versionId: text(distro, "versionID"),
    versionCodename: text(distro, "versionCodename"),
    prettyName: text(distro, "prettyName"),
    fields: {},
    path: "",
  });
}

/** What a document of syft's own format says of itself and its parts. */
export function syftFacts(value: JsonValue): DocumentFacts {
  const document = new Decoder(value, "document");
  const { packages, relationships, subject } = readSyft(value);
  const descriptor = document.member("descriptor");
  const name = descriptor.absent ? undefined : text(descriptor, "name");
  const version = descriptor.absent ? undefined : text(descriptor, "version");
  return defined<DocumentFacts>({
    format: "syft",
    version: text(document.member("schema"), "version") ?? "",
    authors: [],
    tools: name === undefined ? [] : [defined<DocumentFacts["tools"][number]>({ name, version })],
    lifecycles: [],
    signed: false,
    vulnerabilities: false,
    primary: defined<ComponentFacts>({
      name: subject.name,
      version: subject.digest,
      hashes: [],
      licenses: [],
      concludedLicenses: [],
      source: false,
    }),
    completeness: [],
    related: new Set(relationships.map(({ from }) => from)).size,
    components: packages.map((entry) =>
      defined<ComponentFacts>({
        name: entry.name,
        version: entry.version === "" ? undefined : entry.version,
        type: entry.type,
        purl: entry.purl,
        cpe: entry.cpes?.[0],
        hashes: [],
        licenses: entry.licenses.map(({ declared, expression }) => expression ?? declared),
        concludedLicenses: [],
        source: false,
      }),
    ),
  });
}

function listIn(owner: Decoder, member: string): readonly Decoder[] {
  const list = owner.member(member);
  return list.absent ? [] : list.array();
}

function text(owner: Decoder, member: string): string | undefined {
  return owner.absent ? undefined : owner.member(member).optional((present) => present.string());
}
