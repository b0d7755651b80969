import {
  canonicalJson,
  type Digest,
  digestHex,
  type Distribution,
  type Inventory,
  type JsonObject,
  type LayerInfo,
  type Relationship,
} from "@sc/model";
import { distroQualifier } from "../read/os-purl.ts";
import type { WriteDocumentOptions } from "../document.ts";
import { chooseVersion, documentTime, documentUuid, imagePurl } from "../document-identity.ts";
import { componentOf, propertiesOf, type Property } from "./write-component.ts";

/** What a CycloneDX document is written as. */
export interface BomOptions extends WriteDocumentOptions {
  /** The format's id: part of the document's identity. */
  readonly format: string;
  readonly version?: string;
}

/** A document, with the lists that grow with the image made element by element. */
export interface Bom {
  /** Everything before the components. */
  readonly head: JsonObject;
  readonly components: Iterable<JsonObject>;
  readonly dependencies: Iterable<JsonObject>;
  readonly compositions: readonly JsonObject[];
}

/** The versions that are written, the default first. */
export const bomVersions = ["1.6", "1.5", "1.7"] as const;

/** The reference of the component that an inventory is about. */
export const rootReference = "sc:subject";

/**
 * The CycloneDX document of an inventory, as a plain value. Throws `DOCUMENT_UNSUPPORTED` for a version that is not
 * written.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function bomOf(inventory: Inventory, options: BomOptions): Bom {
  const version = chooseVersion(options.version, bomVersions, "CycloneDX");
  const root = imagePurl(inventory.subject) ?? rootReference;
  const owners = ownersOf(inventory.relationships);
  const { distribution } = inventory;
  const system = distribution === undefined ? undefined : systemReference(distribution);
  return {
    head: {
      bomFormat: "CycloneDX",
      specVersion: version,
      serialNumber: `urn:uuid:${documentUuid(inventory, options)}`,
      version: 1,
      metadata: {
        timestamp: documentTime(inventory, options),
        lifecycles: [{ phase: "post-build" }],
        tools: options.tool === undefined ? undefined : { components: [{ type: "application", ...options.tool }] },
        component: rootComponent(inventory, root),
        properties: inventoryProperties(inventory),
      },
    },
    components: componentsOf(inventory, { owners, version }),
    dependencies: dependenciesOf(inventory, { root, system }),
    compositions: [{ aggregate: inventory.incomplete ? "incomplete" : "unknown", assemblies: [root] }],
  };
}

function* componentsOf(
  { distribution, packages }: Inventory,
  { owners, version }: { readonly owners: ReadonlyMap<string, readonly string[]>; readonly version: string },
): Generator<JsonObject> {
  if (distribution !== undefined) yield systemComponent(distribution);
  for (const entry of packages) yield componentOf(entry, { owners: owners.get(entry.id) ?? [], version });
}

function ownersOf(relationships: readonly Relationship[]): ReadonlyMap<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const { from, to, type } of relationships) {
    if (type !== "owned-by") continue;
    const known = owners.get(from);
    if (known === undefined) owners.set(from, [to]);
    else known.push(to);
  }
  return owners;
}

function rootComponent({ subject, layers }: Inventory, root: string): JsonObject {
  const container = subject.type === "image" || subject.type === "rootfs-tar";
  const purl = imagePurl(subject);
  return {
    type: container ? "container" : "file",
    "bom-ref": root,
    name: subject.name,
    version: subject.digest,
    hashes: subject.digest === undefined ? undefined : [hashOf(subject.digest)],
    purl,
    properties: [
      ...propertiesOf({
        "sc:subject:type": subject.type,
        "sc:image:index-digest": subject.indexDigest,
        "sc:image:repository": subject.repository,
        "sc:image:tag": subject.tag,
        "sc:image:platform": subject.platform === undefined ? undefined : canonicalJson({ ...subject.platform }),
        "sc:image:created": subject.created,
      }),
      ...Object.entries(subject.labels ?? {}).map(([name, value]) => ({ name: `sc:image:label:${name}`, value })),
      ...layers.flatMap(layerProperties),
    ],
  };
}

const digestNames = { sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

function hashOf(digest: Digest): JsonObject {
  const algorithm = digest.startsWith("sha512:") ? "sha512" : digest.startsWith("sha384:") ? "sha384" : "sha256";
  return { alg: digestNames[algorithm], content: digestHex(digest) };
}

function layerProperties(layer: LayerInfo, index: number): Property[] {
  return propertiesOf({
    [`sc:layer:${index}:digest`]: layer.digest,
    [`sc:layer:${index}:diffId`]: layer.diffId,
    [`sc:layer:${index}:media-type`]: layer.mediaType,
    [`sc:layer:${index}:size`]: layer.size.toString(),
    [`sc:layer:${index}:created-by`]: layer.createdBy,
  });
}

function inventoryProperties({ catalogers, problems, incomplete }: Inventory): Property[] {
  return [
    ...catalogers.map((id) => ({ name: "sc:inventory:cataloger", value: id })),
    { name: "sc:inventory:incomplete", value: String(incomplete) },
    ...problems.map((problem) => ({ name: "sc:inventory:problem", value: canonicalJson({ ...problem }) })),
  ];
}

function systemReference(distribution: Distribution): string {
  return `os:${distroQualifier(distribution)}`;
}

function systemComponent(distribution: Distribution): JsonObject {
  return {
    type: "operating-system",
    "bom-ref": systemReference(distribution),
    name: distribution.id,
    version: distribution.versionId,
    description: distribution.prettyName,
    cpe: cpeOf(distribution.fields["CPE_NAME"]),
    evidence: { occurrences: [{ location: distribution.path }] },
    properties: [
      ...distribution.idLike.map((id) => ({ name: "sc:os:id-like", value: id })),
      ...propertiesOf({ "sc:os:version-codename": distribution.versionCodename }),
      ...Object.entries(distribution.fields).map(([name, value]) => ({ name: `sc:os:field:${name}`, value })),
    ],
  };
}

/** CycloneDX checks the form of a CPE; what the image says may have any. */
function cpeOf(text: string | undefined): string | undefined {
  return text !== undefined && /^cpe:\/[aho](:[A-Za-z0-9._~%-]*){1,6}$/.test(text) ? text : undefined;
}

/**
 * The graph from the root: through the operating system to its packages, and to all others at once, so that no
 * component is out of reach. What packages themselves depend on follows.
 */
function* dependenciesOf(
  { packages, relationships }: Inventory,
  { root, system }: { readonly root: string; readonly system: string | undefined },
): Generator<JsonObject> {
  const edges = new Map<string, string[]>();
  for (const { from, to, type } of relationships) {
    if (type !== "depends-on") continue;
    const known = edges.get(from);
    if (known === undefined) edges.set(from, [to]);
    else known.push(to);
  }
  const ofSystem = system === undefined ? [] : packages.filter((entry) => entry.origin !== undefined);
  const others = system === undefined ? packages : packages.filter((entry) => entry.origin === undefined);
  yield { ref: root, dependsOn: [...(system === undefined ? [] : [system]), ...others.map((entry) => entry.id)] };
  if (system !== undefined) yield { ref: system, dependsOn: ofSystem.map((entry) => entry.id) };
  for (const { id } of packages) yield { ref: id, dependsOn: edges.get(id) };
}
