import type { Decoder } from "@sc/model";
import type { VexDocument, VexProduct, VexStatement, VexStatus } from "./statement.ts";

const statuses: readonly (readonly [member: string, status: VexStatus])[] = [
  ["known_not_affected", "not_affected"],
  ["fixed", "fixed"],
  ["first_fixed", "fixed"],
  ["known_affected", "affected"],
  ["first_affected", "affected"],
  ["last_affected", "affected"],
  ["under_investigation", "under_investigation"],
];

/** Where a vulnerability says why a product is what it is. */
const reasonTexts = [
  ["flags", "label"],
  ["threats", "details"],
] as const;

const maxDepth = 30;

/**
 * What a CSAF 2.0 document says of products that its tree identifies by purl, alone or as part of another. Throws
 * `DECODE_FAILED`.
 *
 * @see https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html
 */
export function readCsafVex(document: Decoder, source: string): VexDocument {
  const head = document.member("document");
  const publisher = head.member("publisher");
  const author = publisher.absent ? undefined : publisher.member("name").optional((text) => text.string());
  const tracking = head.member("tracking");
  const released = tracking.absent
    ? undefined
    : tracking.member("current_release_date").optional((text) => Date.parse(text.string()));
  const time = released === undefined || Number.isNaN(released) ? 0 : released;
  const products = readTree(document.member("product_tree"));
  return {
    format: "csaf",
    ...(author === undefined ? {} : { author }),
    statements: list(document.member("vulnerabilities")).flatMap((found) =>
      readVulnerability(found, { products, source, time }),
    ),
  };
}

function list(value: Decoder): readonly Decoder[] {
  return value.optional((present) => present.array()) ?? [];
}

function readTree(tree: Decoder): ReadonlyMap<string, VexProduct> {
  const products = new Map<string, VexProduct>();
  if (tree.absent) return products;
  for (const branch of list(tree.member("branches"))) readBranch(branch, products, 0);
  for (const product of list(tree.member("full_product_names"))) addProduct(product, products);
  for (const relation of list(tree.member("relationships"))) addRelation(relation, products);
  return products;
}

function readBranch(branch: Decoder, products: Map<string, VexProduct>, depth: number): void {
  if (depth > maxDepth) throw branch.wrong(`branches at most ${maxDepth} deep`);
  const product = branch.member("product");
  if (!product.absent) addProduct(product, products);
  for (const inner of list(branch.member("branches"))) readBranch(inner, products, depth + 1);
}

function addProduct(product: Decoder, products: Map<string, VexProduct>): void {
  const helper = product.member("product_identification_helper");
  const purl = helper.absent ? undefined : helper.member("purl").optional((text) => text.string());
  const hashes = helper.absent ? [] : list(helper.member("hashes")).flatMap(readDigests);
  const names = [...(purl === undefined ? [] : [purl]), ...hashes];
  products.set(product.member("product_id").string(), { names, parts: [] });
}

function readDigests(entry: Decoder): readonly string[] {
  return list(entry.member("file_hashes")).flatMap((hash) =>
    hash.member("algorithm").string() === "sha256" ? [`sha256:${hash.member("value").string().toLowerCase()}`] : [],
  );
}

// "openssl as a component of the image": the image is the product, openssl the part.
function addRelation(relation: Decoder, products: Map<string, VexProduct>): void {
  const part = products.get(relation.member("product_reference").string());
  const whole = products.get(relation.member("relates_to_product_reference").string());
  const id = relation.member("full_product_name").member("product_id").string();
  if (part === undefined || part.names.length === 0) return;
  const isNamed = whole !== undefined && whole.names.length > 0;
  products.set(id, isNamed ? { names: whole.names, parts: [part.names] } : part);
}

interface Context {
  readonly products: ReadonlyMap<string, VexProduct>;
  readonly source: string;
  readonly time: number;
}

function readVulnerability(value: Decoder, { products, source, time }: Context): readonly VexStatement[] {
  const cve = value.member("cve").optional((text) => text.string());
  const others = list(value.member("ids")).map((entry) => entry.member("text").string());
  const ids = [...(cve === undefined ? [] : [cve]), ...others];
  const status = value.member("product_status");
  if (status.absent || ids.length === 0) return [];
  const reasons = readReasons(value);
  return statuses.flatMap(([member, meaning]) => {
    // What a vendor lists twice is one statement: with its reasons as often, a document would grow square.
    const named = new Set(list(status.member(member)).map((entry) => entry.string()));
    return [...named].flatMap((id): readonly VexStatement[] => {
      const product = products.get(id);
      if (product === undefined || product.names.length === 0) return [];
      const reason = (reasons.get(id) ?? []).map((text) => text.string()).join(": ");
      return [{ ids, products: [product], status: meaning, reason, time, source }];
    });
  });
}

/** Why, by the id of each product that a flag or a threat is about: what flags say first. */
function readReasons(value: Decoder): ReadonlyMap<string, readonly Decoder[]> {
  const reasons = new Map<string, Decoder[]>();
  const entries = reasonTexts.flatMap(([member, text]) =>
    list(value.member(member)).map((entry) => ({ entry, text: entry.member(text) })),
  );
  for (const { entry, text } of entries) {
    for (const id of new Set(list(entry.member("product_ids")).map((one) => one.value))) {
      if (typeof id !== "string") continue;
      const known = reasons.get(id) ?? [];
      reasons.set(id, known);
      known.push(text);
    }
  }
  return reasons;
}
