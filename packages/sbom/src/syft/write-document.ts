import { type Inventory, isJsonObject, type JsonObject, type Package, parseJson } from "@sc/model";
import type { WriteDocumentOptions } from "../document.ts";
import type { JsonMembers } from "../json-document.ts";
import { syftLanguages, syftTypes } from "./ecosystem-names.ts";

/** The version of syft's schema that is written. */
const schemaVersion = "16.0.34";

/** The name under which the document's free part holds what syft has no field for. */
export const ownConfiguration = "sc";

/**
 * An inventory as syft writes its own. What syft keeps under a package's `metadata` is particular to its catalogers
 * and left out.
 *
 * @see https://github.com/anchore/syft/tree/main/schema/json
 */
export function syftOf(inventory: Inventory, options: WriteDocumentOptions): JsonMembers {
  const { tool = { name: "sc", version: "" } } = options;
  return {
    artifacts: { elements: artifactsOf(inventory) },
    artifactRelationships: { elements: relationshipsOf(inventory) },
    source: sourceOf(inventory),
    distro: distroOf(inventory),
    descriptor: { ...tool, configuration: { [ownConfiguration]: inventoryFacts(inventory) } },
    schema: {
      version: schemaVersion,
      url: `https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-${schemaVersion}.json`,
    },
  };
}

function* artifactsOf({ packages }: Inventory): Generator<JsonObject> {
  for (const entry of packages) yield artifactOf(entry);
}

function artifactOf(entry: Package): JsonObject {
  const { id, name, version, type, cataloger, locations, licenses, cpes = [], purl, properties = {} } = entry;
  return {
    id,
    name,
    version,
    type: syftTypes.get(type) ?? "UnknownPackage",
    foundBy: cataloger,
    locations: locations.map(({ path, diffId, layer }, index) => ({
      path: `/${path}`,
      layerID: diffId ?? layer,
      accessPath: `/${path}`,
      annotations: {
        evidence: index === 0 ? "primary" : "supporting",
        ...Object.fromEntries(index === 0 ? layerProperties.map((property) => [property, properties[property]]) : []),
      },
    })),
    licenses: licenses.map(({ declared, expression = "" }) => ({
      value: declared,
      spdxExpression: expression,
      type: "declared",
      urls: [],
      locations: [],
    })),
    language: syftLanguages.get(type) ?? "",
    cpes: cpes.map((cpe) => ({ cpe, source: "syft-generated" })),
    purl,
  };
}

/** What says that a package is not in the image itself. */
export const layerProperties: readonly string[] = ["layer:state", "layer:hidden-by"];

/** syft says which package another needs from the other's side. */
function* relationshipsOf({ relationships }: Inventory): Generator<JsonObject> {
  for (const { from, to, type } of relationships) {
    if (type === "depends-on") yield { parent: to, child: from, type: "dependency-of" };
    else if (type === "owned-by") yield { parent: to, child: from, type: "ownership-by-file-overlap" };
    else yield { parent: from, child: to, type: "contains" };
  }
}

function sourceOf({ subject, layers }: Inventory): JsonObject {
  const { digest, name } = subject;
  const id = digest?.split(":").at(-1) ?? "";
  if (subject.type !== "image") {
    return {
      id,
      name,
      version: "",
      type: subject.type === "directory" ? "directory" : "file",
      metadata: { path: name },
    };
  }
  return {
    id,
    name,
    version: digest,
    type: "image",
    metadata: {
      userInput: name,
      manifestDigest: digest,
      tags:
        subject.repository === undefined || subject.tag === undefined ? [] : [`${subject.repository}:${subject.tag}`],
      layers: layers.map(({ mediaType, digest: layer, diffId, size }) => ({
        mediaType,
        digest: diffId ?? layer,
        size,
      })),
      architecture: subject.platform?.architecture,
      os: subject.platform?.os,
      labels: subject.labels === undefined ? undefined : { ...subject.labels },
    },
  };
}

function distroOf({ distribution }: Inventory): JsonObject {
  if (distribution === undefined) return {};
  const { id, idLike, versionId, versionCodename, prettyName, fields } = distribution;
  return {
    prettyName,
    name: fields["NAME"],
    id,
    idLike,
    versionID: versionId,
    versionCodename,
    homeURL: fields["HOME_URL"],
    cpeName: fields["CPE_NAME"],
  };
}

/** The parts of an inventory that syft has no field for, as a plain value. */
function inventoryFacts({ subject, layers, distribution, catalogers, problems, incomplete }: Inventory): JsonObject {
  const facts = { subject, layers, distribution, catalogers, problems, incomplete };
  const plain = parseJson(JSON.stringify(facts), "inventory");
  return isJsonObject(plain) ? plain : {};
}
