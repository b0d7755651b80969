import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import {
  canonicalJson,
  type JsonObject,
  type JsonValue,
  type License,
  type Package,
  type PackageHash,
} from "@sc/model";
import { parseParty } from "../party.ts";
import { isUrl } from "../read/url.ts";

/** One of CycloneDX's name and value pairs; names that begin with `sc:` are ours. */
export type Property = { readonly name: string; readonly value: string };

/** The names CycloneDX has for hash algorithms. */
export const hashAlgorithms: Readonly<Record<PackageHash["algorithm"], string>> = {
  md5: "MD5",
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};

/** Properties of those values that are there, in the order of their names given. */
export function propertiesOf(values: Readonly<Record<string, string | undefined>>): Property[] {
  const properties: Property[] = [];
  for (const [name, value] of Object.entries(values)) if (value !== undefined) properties.push({ name, value });
  return properties;
}

/** What a component says besides its package. */
export interface ComponentOptions {
  /** The packages whose files it belongs to. */
  readonly owners: readonly string[];
  /** The version of CycloneDX: 1.5 lacks who acknowledged a licence, and has one identity that says less. */
  readonly version: string;
}

/** The component that a package is. */
export function componentOf(entry: Package, { owners, version }: ComponentOptions): JsonObject {
  const [group, name] = groupAndName(entry);
  return {
    type: "library",
    "bom-ref": entry.id,
    supplier: entry.supplier === undefined ? undefined : supplierOf(entry.supplier),
    group,
    name,
    version: entry.version,
    description: entry.description,
    hashes: entry.hashes?.map(({ algorithm, value }) => ({ alg: hashAlgorithms[algorithm], content: value })),
    licenses: licensesOf(entry.licenses, version),
    cpe: entry.cpes?.[0],
    purl: entry.purl,
    externalReferences: referencesOf(entry),
    evidence: {
      identity: identityOf(entry, version),
      occurrences: entry.locations.map(({ path }) => ({ location: path })),
    },
    properties: [...packageProperties(entry), ...owners.map((owner) => ({ name: "sc:owned-by", value: owner }))],
  };
}

function identityOf({ purl, locations }: Package, version: string): JsonValue {
  const methods = [{ technique: "manifest-analysis", confidence: 1, value: locations[0]?.path ?? "" }];
  if (version === "1.5") return { field: "purl", confidence: 1, methods };
  return [{ field: "purl", confidence: 1, concludedValue: purl, methods }];
}

/** The ecosystem's own namespace goes where CycloneDX has a field for it. */
function groupAndName({ type, name }: Package): readonly [string | undefined, string] {
  const separator = { npm: "/", composer: "/", maven: ":" }[type];
  const at = separator === undefined ? -1 : name.indexOf(separator);
  return at === -1 ? [undefined, name] : [name.slice(0, at), name.slice(at + 1)];
}

function supplierOf(supplier: string): JsonObject {
  const { name, email } = parseParty(supplier);
  return { name, contact: email === undefined ? undefined : [{ email }] };
}

function referencesOf({ homepage, downloadLocation }: Package): JsonObject[] | undefined {
  const references = [
    ...(isUrl(downloadLocation) ? [{ type: "distribution", url: downloadLocation }] : []),
    ...(isUrl(homepage) ? [{ type: "website", url: homepage }] : []),
  ];
  return references.length === 0 ? undefined : references;
}

/**
 * CycloneDX takes either identifiers and names, any number, or one expression alone. Identifiers its list lacks
 * make consumers refuse the whole document, so they go in as names.
 */
function licensesOf(licenses: readonly License[], version: string): JsonObject[] | undefined {
  if (licenses.length === 0) return undefined;
  const acknowledgement = version === "1.5" ? undefined : "declared";
  const [only] = licenses;
  if (licenses.length === 1 && only?.expression !== undefined && !isSupportedSpdxId(only.expression)) {
    return [{ expression: only.expression, acknowledgement }];
  }
  return licenses.map(({ declared, expression }) => {
    const known = expression !== undefined && isSupportedSpdxId(expression);
    return { license: { ...(known ? { id: expression } : { name: expression ?? declared }), acknowledgement } };
  });
}

function packageProperties(entry: Package): Property[] {
  const [first, ...others] = entry.locations;
  return [
    ...propertiesOf({
      "sc:package:cataloger": entry.cataloger,
      "sc:package:evidence": entry.evidence === "installed" ? undefined : entry.evidence,
      "sc:package:architecture": entry.architecture,
      "sc:package:origin": entry.origin,
      "sc:package:homepage": isUrl(entry.homepage) ? undefined : entry.homepage,
      "sc:package:download-location": isUrl(entry.downloadLocation) ? undefined : entry.downloadLocation,
      "sc:source:name": entry.source?.name,
      "sc:source:version": entry.source?.version,
      "sc:layer:index": first?.layerIndex?.toString(),
      "sc:layer:digest": first?.layer,
      "sc:layer:diffId": first?.diffId,
      "sc:licenses": licenseProperty(entry.licenses),
    }),
    ...others.map(({ layerIndex }, index) => ({
      name: `sc:location:${index + 1}:layer`,
      value: layerIndex?.toString() ?? "",
    })),
    ...(entry.cpes ?? []).slice(1).map((cpe) => ({ name: "sc:cpe", value: cpe })),
    ...Object.entries(entry.properties ?? {}).map(([name, value]) => ({ name: `sc:property:${name}`, value })),
  ];
}

/** What was declared, where CycloneDX's own fields do not give it back. */
function licenseProperty(licenses: readonly License[]): string | undefined {
  const plain = licenses.every(({ declared, expression }) => declared === expression && isSupportedSpdxId(declared));
  return plain ? undefined : canonicalJson(licenses.map((license) => ({ ...license })));
}
