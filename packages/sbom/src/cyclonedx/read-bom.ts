import {
  Decoder,
  type Distribution,
  type Inventory,
  type InventorySubject,
  type JsonValue,
  type LayerInfo,
  type Package,
  parseJson,
  type Platform,
  type Problem,
  type Relationship,
  ScError,
} from "@sc/model";
import { defined } from "../defined.ts";
import {
  decodePlatform,
  decodeProblem,
  digestIn,
  distributionOfQualifier,
  purlProblem,
  sortPackages,
} from "../document-reading.ts";
import { byTexts } from "../order.ts";
import { purlFacts } from "../purl-facts.ts";
import { bomProblems } from "./check-bom.ts";
import { Properties } from "./properties.ts";
import { readComponent } from "./read-component.ts";

/** Components of one document, nested ones included: ten times what the largest images hold. */
const maxComponents = 2_000_000;

/** The inventory that a CycloneDX document holds, whoever wrote it. */
export function readBom(document: JsonValue): Inventory {
  const bom = new Decoder(document, "bom");
  const version = bom.member("specVersion").optional((present) => present.string());
  if (bom.member("bomFormat").value !== "CycloneDX" || !/^1\.[2-7]$/.test(version ?? "")) {
    throw new ScError("DOCUMENT_UNSUPPORTED", `${describe(bom)}: wanted a CycloneDX document of version 1.2 to 1.7`);
  }
  return inventoryOf(bom);
}

function describe(bom: Decoder): string {
  const { value } = bom.member("specVersion");
  return `bom.specVersion: got ${JSON.stringify(value ?? null).slice(0, 40)}`;
}

function inventoryOf(bom: Decoder): Inventory {
  const metadata = bom.member("metadata");
  const root = metadata.absent ? new Decoder(undefined, "bom.metadata.component") : metadata.member("component");
  const rootProperties = Properties.of(root);
  const layers = layersOf(rootProperties);
  const components = flattenComponents(bom.member("components"));
  const system = components.find((component) => component.member("type").value === "operating-system");
  const packages = components
    .map((component) => readComponent(component, layers))
    .filter((entry) => entry !== undefined);
  const inventory = metadata.absent ? Properties.none : Properties.of(metadata);
  const ids = new Set(packages.map((entry) => entry.id));
  return defined<Inventory>({
    subject: subjectOf(root, rootProperties),
    distribution: system === undefined ? distributionOf(packages) : distributionIn(system),
    layers,
    packages: sortPackages(packages),
    relationships: [...dependenciesOf(bom.member("dependencies"), ids), ...ownersOf(components, ids)].toSorted(byEnds),
    problems: [
      ...inventory.all("sc:inventory:problem").map((text, index) => {
        const where = `bom.metadata problem ${index}`;
        return decodeProblem(new Decoder(parseJson(text, where), where));
      }),
      ...components.flatMap(purlProblemOf),
      ...bomProblems(bom.object()),
    ],
    incomplete: inventory.one("sc:inventory:incomplete") === "true",
    catalogers: inventory.all("sc:inventory:cataloger"),
  });
}

function purlProblemOf(component: Decoder): Problem[] {
  const purl = component.member("purl");
  return purl.absent || purl.value === "" ? [] : purlProblem(purl.string(), purl.path);
}

function byEnds(left: Relationship, right: Relationship): number {
  return byTexts([left.from, left.type, left.to], [right.from, right.type, right.to]);
}

/** Every component, those inside others after the one they are in. */
export function flattenComponents(components: Decoder): Decoder[] {
  const flat: Decoder[] = [];
  const stack = components.absent ? [] : components.array().toReversed();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (flat.length >= maxComponents) throw next.wrong(`at most ${maxComponents} components`);
    flat.push(next);
    const inner = next.member("components");
    if (!inner.absent) stack.push(...inner.array().toReversed());
  }
  return flat;
}

function layersOf(properties: Properties): LayerInfo[] {
  const layers: LayerInfo[] = [];
  for (let index = 0; ; index += 1) {
    const digest = digestIn(properties.one(`sc:layer:${index}:digest`));
    if (digest === undefined) return layers;
    layers.push(
      defined<LayerInfo>({
        digest,
        diffId: digestIn(properties.one(`sc:layer:${index}:diffId`)),
        mediaType: properties.one(`sc:layer:${index}:media-type`) ?? "",
        size: Number(properties.one(`sc:layer:${index}:size`) ?? 0),
        createdBy: properties.one(`sc:layer:${index}:created-by`),
      }),
    );
  }
}

const subjectTypes = ["image", "directory", "rootfs-tar", "document"] as const;

function subjectOf(root: Decoder, properties: Properties): InventorySubject {
  if (root.absent) return { type: "document", name: "CycloneDX document" };
  const version = root.member("version").optional((present) => present.string());
  const type = subjectTypes.find((known) => known === properties.one("sc:subject:type")) ?? "document";
  const labels = properties.under("sc:image:label:");
  return defined<InventorySubject>({
    type,
    name: root.member("name").string(),
    digest: digestIn(version),
    indexDigest: digestIn(properties.one("sc:image:index-digest")),
    repository: properties.one("sc:image:repository"),
    tag: properties.one("sc:image:tag"),
    platform: platformOf(properties.one("sc:image:platform")),
    created: properties.one("sc:image:created"),
    labels: Object.keys(labels).length === 0 ? undefined : labels,
  });
}

function platformOf(text: string | undefined): Platform | undefined {
  if (text === undefined) return undefined;
  return decodePlatform(new Decoder(parseJson(text, "sc:image:platform"), "sc:image:platform"));
}

function distributionIn(component: Decoder): Distribution {
  const properties = Properties.of(component);
  const [occurrence] = Properties.occurrences(component);
  return defined<Distribution>({
    kind: "distribution",
    id: component.member("name").string().toLowerCase(),
    idLike: properties.all("sc:os:id-like"),
    versionId: component.member("version").optional((present) => present.string()),
    versionCodename: properties.one("sc:os:version-codename"),
    prettyName: component.member("description").optional((present) => present.string()),
    fields: properties.under("sc:os:field:"),
    path: occurrence ?? "",
  });
}

/** Without a component for it, the distribution is what the first purl that has the qualifier says. */
function distributionOf(packages: readonly Package[]): Distribution | undefined {
  for (const { purl, source } of packages) {
    const distribution = source === undefined ? undefined : distributionOfQualifier(purlFacts(purl).distro);
    if (distribution !== undefined) return distribution;
  }
  return undefined;
}

/** Edges between packages; those from the root and the operating system only hold the graph together. */
function dependenciesOf(dependencies: Decoder, ids: ReadonlySet<string>): Relationship[] {
  const relationships: Relationship[] = [];
  for (const dependency of dependencies.absent ? [] : dependencies.array()) {
    const from = dependency.member("ref").string();
    const targets = dependency.member("dependsOn");
    if (!ids.has(from) || targets.absent) continue;
    for (const target of targets.array()) {
      const to = target.string();
      if (ids.has(to)) relationships.push({ from, to, type: "depends-on" });
    }
  }
  return relationships;
}

function ownersOf(components: readonly Decoder[], ids: ReadonlySet<string>): Relationship[] {
  const relationships: Relationship[] = [];
  for (const component of components) {
    const from = component.member("bom-ref").value;
    if (typeof from !== "string" || !ids.has(from)) continue;
    for (const to of Properties.of(component).all("sc:owned-by")) relationships.push({ from, to, type: "owned-by" });
  }
  return relationships;
}
