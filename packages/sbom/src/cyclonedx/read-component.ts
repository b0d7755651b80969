import {
  Decoder,
  formatPurl,
  type LayerInfo,
  type License,
  type Package,
  type PackageHash,
  type PackageLocation,
  parseJson,
  type Purl,
  type SourcePackage,
} from "@sc/model";
import { defined } from "../defined.ts";
import { decodeLicenses, digestIn, purlOf } from "../document-reading.ts";
import { readLicense } from "../license.ts";
import { formatParty, type Party } from "../party.ts";
import { type PurlFacts, purlFacts } from "../purl-facts.ts";
import { Properties } from "./properties.ts";
import { hashAlgorithms } from "./write-component.ts";

/** Types that are packages even without a purl; what other tools call an application is often a lock file's path. */
const packageTypes: ReadonlySet<unknown> = new Set(["library", "framework"]);

/** The package that a component is; `undefined` for files, devices, operating systems and the like. */
export function readComponent(component: Decoder, layers: readonly LayerInfo[]): Package | undefined {
  if (component.member("type").value === "operating-system") return undefined;
  const purl = purlOf(text(component, "purl")) ?? genericPurl(component);
  if (purl === undefined) return undefined;
  const properties = Properties.of(component);
  const facts = purlFacts(purl);
  return defined<Package>({
    kind: "package",
    id: text(component, "bom-ref") ?? purl,
    type: facts.type,
    name: ownName(component, facts),
    version: text(component, "version") ?? facts.version,
    purl,
    cataloger: properties.one("sc:package:cataloger") ?? properties.one("syft:package:foundBy") ?? "document",
    evidence: properties.one("sc:package:evidence") === "declared" ? "declared" : "installed",
    locations: locationsOf(component, properties, layers),
    licenses: licensesOf(component, properties.one("sc:licenses")),
    source: sourceOf(properties, facts),
    architecture: properties.one("sc:package:architecture") ?? facts.architecture,
    supplier: supplierOf(component.member("supplier")),
    origin: originOf(properties.one("sc:package:origin"), facts),
    description: text(component, "description"),
    homepage: referenceOf(component, "website") ?? properties.one("sc:package:homepage"),
    downloadLocation: referenceOf(component, "distribution") ?? properties.one("sc:package:download-location"),
    cpes: cpesOf(component, properties),
    hashes: hashesOf(component.member("hashes")),
    properties: propertiesIn(properties),
  });
}

function text(component: Decoder, member: string): string | undefined {
  return component.member(member).optional((present) => present.string());
}

function genericPurl(component: Decoder): Purl | undefined {
  const type = component.member("type").value;
  const counts = packageTypes.has(type) || (type === "application" && text(component, "version") !== undefined);
  const name = counts ? text(component, "name") : undefined;
  return name === undefined || name === ""
    ? undefined
    : formatPurl({ type: "generic", name, version: text(component, "version") });
}

/** The name in the letters of the component, where the purl's type writes all names in lower case. */
function ownName(component: Decoder, facts: PurlFacts): string {
  const group = text(component, "group");
  const name = text(component, "name") ?? facts.name;
  if (group === undefined || group === "" || facts.source !== undefined) return name;
  return `${group}${facts.type === "maven" ? ":" : "/"}${name}`;
}

function locationsOf(component: Decoder, properties: Properties, layers: readonly LayerInfo[]): PackageLocation[] {
  const places = Properties.occurrences(component);
  const foreign = properties.one("syft:location:0:path") ?? properties.one("aquasecurity:trivy:FilePath");
  const paths = places.length > 0 || foreign === undefined ? places : [foreign.replace(/^\/+/, "")];
  return paths.map((path, index) => {
    const name = index === 0 ? "sc:layer:index" : `sc:location:${index}:layer`;
    const layerIndex = /^\d+$/.test(properties.one(name) ?? "") ? Number(properties.one(name)) : undefined;
    const layer = layerIndex === undefined ? undefined : layers[layerIndex];
    if (layer !== undefined) {
      return defined<PackageLocation>({ path, layer: layer.digest, diffId: layer.diffId, layerIndex });
    }
    const foreignLayer = digestIn(properties.one("aquasecurity:trivy:LayerDigest"));
    const diffId = digestIn(
      properties.one("aquasecurity:trivy:LayerDiffID") ?? properties.one("syft:location:0:layerID"),
    );
    return defined<PackageLocation>({ path, layer: foreignLayer, diffId });
  });
}

function licensesOf(component: Decoder, own: string | undefined): License[] {
  if (own !== undefined) return decodeLicenses(new Decoder(parseJson(own, "sc:licenses"), "sc:licenses"));
  const list = component.member("licenses");
  const licenses: License[] = [];
  for (const item of list.absent ? [] : list.array()) {
    const license = item.member("license");
    const named = license.absent ? item.member("expression") : license.member("id");
    const declared = named.absent && !license.absent ? license.member("name") : named;
    const known = declared.absent ? undefined : readLicense(declared.string());
    if (known !== undefined) licenses.push(known);
  }
  return licenses;
}

function sourceOf(properties: Properties, facts: PurlFacts): SourcePackage | undefined {
  const name = properties.one("sc:source:name") ?? properties.one("aquasecurity:trivy:SrcName");
  if (name === undefined) return facts.source;
  return defined<SourcePackage>({ name, version: properties.one("sc:source:version") });
}

function originOf(own: string | undefined, facts: PurlFacts): Package["origin"] {
  if (own === "third-party") return "third-party";
  return own === "distribution" || facts.source !== undefined ? "distribution" : undefined;
}

function supplierOf(supplier: Decoder): string | undefined {
  if (supplier.absent) return undefined;
  const name = supplier.member("name").optional((present) => present.string());
  const [contact] = supplier.member("contact").optional((present) => present.array()) ?? [];
  const email = contact?.member("email").optional((present) => present.string());
  return formatParty(defined<Party>({ name, email }));
}

function referenceOf(component: Decoder, type: string): string | undefined {
  const list = component.member("externalReferences");
  for (const reference of list.absent ? [] : list.array()) {
    if (reference.member("type").value === type) return reference.member("url").string();
  }
  return undefined;
}

function cpesOf(component: Decoder, properties: Properties): string[] | undefined {
  const first = text(component, "cpe");
  const others = properties.all("sc:cpe");
  return first === undefined && others.length === 0 ? undefined : [...(first === undefined ? [] : [first]), ...others];
}

function hashesOf(list: Decoder): PackageHash[] | undefined {
  const hashes: PackageHash[] = [];
  for (const hash of list.absent ? [] : list.array()) {
    const named = hash.member("alg").string();
    const value = hash.member("content").string().toLowerCase();
    for (const algorithm of ["md5", "sha1", "sha256", "sha384", "sha512"] as const) {
      if (hashAlgorithms[algorithm] === named) hashes.push({ algorithm, value });
    }
  }
  return hashes.length === 0 ? undefined : hashes;
}

function propertiesIn(properties: Properties): Readonly<Record<string, string>> | undefined {
  const own = properties.under("sc:property:");
  return Object.keys(own).length === 0 ? undefined : own;
}
