import { type Finding, formatCount, type Purl, type Suppression } from "@sc/model";
import { rateScore } from "../rate-score.ts";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeLines } from "../report-parts/escape.ts";
import {
  adviseFix,
  describeVulnerability,
  hashParts,
  imagePurl,
  isUnaffected,
  jsonText,
  normalTime,
  referencesOf,
  timeOf,
} from "../report-parts/facts.ts";

/**
 * What is affected, and what is not and why, as CSAF 2.0 of the profile VEX: a draft that a person makes their own by
 * naming the publisher. Where nothing was found there is nothing to state, which that profile does not foresee: the
 * document is one of the base profile then, which says what was compared.
 *
 * @see https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html
 */
export const csaf: ReportFormat = {
  id: "csaf",
  title: "CSAF 2.0 VEX to start from",
  mediaType: "application/json",
  render(report: ScanReport): string {
    const { coverage, findings, subject } = report;
    const tree = createTree(report);
    const vulnerabilities = [...Map.groupBy(findings, nameOf)].map(([name, group]) =>
      describeVulnerable(name, group, tree),
    );
    const products = tree.describe();
    const compared = `${formatCount(coverage.compared, "package")} compared, ${coverage.uncompared} not compared`;
    return jsonText({
      document: {
        category: vulnerabilities.length === 0 ? "csaf_base" : "csaf_vex",
        csaf_version: "2.0",
        lang: "en",
        notes: [{ category: "summary", text: `${formatCount(findings.length, "finding")}; ${compared}.` }],
        publisher: { category: "other", name: "Unknown publisher", namespace: "https://publisher.invalid" },
        title: textOf(`Vulnerabilities of ${subject.name}`),
        tracking: describeTracking(report, hashParts(JSON.stringify([products, vulnerabilities]))),
      },
      ...(products === undefined ? {} : { product_tree: products }),
      ...(vulnerabilities.length === 0 ? {} : { vulnerabilities }),
    });
  },
};

function describeTracking(report: ScanReport, content: string): object {
  const date = timeOf(report);
  return {
    current_release_date: date,
    generator: { engine: { name: "sc", version: report.sc } },
    id: `sc-${hashParts(date, content).slice(0, 32)}`,
    initial_release_date: date,
    revision_history: [{ date, number: "1", summary: "As scanned." }],
    status: "draft",
    version: "1",
  };
}

/** A text where the schema wants one that is not empty. */
function textOf(text: string): string {
  const escaped = escapeLines(text);
  return escaped === "" ? "-" : escaped;
}

const isCve = (name: string): boolean => /^CVE-\d{4}-\d{4,}$/.test(name);

// A CVE stands once in a document: what goes by other names for it is told with it.
function nameOf({ id, aliases }: Finding): string {
  const cves = aliases.filter(isCve);
  return isCve(id) || cves.length !== 1 ? id : (cves[0] ?? id);
}

interface ProductTree {
  /** The id of a package in what was scanned. */
  place(finding: Finding): string;
  describe(): object | undefined;
}

/** What was scanned, each of its packages that are named, and each of them as a part of it. */
function createTree(report: ScanReport): ProductTree {
  const image = imagePurl(report);
  const imageName = textOf(report.subject.name);
  const imageId = "CSAFPID-0";
  const packages = new Map<Purl, { readonly id: string; readonly name: string }>();
  return {
    place({ package: { name, version, purl } }) {
      const known = packages.get(purl) ?? { id: `CSAFPID-${packages.size + 1}`, name: textOf(`${name} ${version}`) };
      packages.set(purl, known);
      return image === undefined ? known.id : `${imageId}:${known.id}`;
    },
    describe() {
      const parts = [...packages].map(([purl, { id, name }]) => describeProduct(id, name, purl));
      if (image === undefined) return parts.length === 0 ? undefined : { full_product_names: parts };
      const relationships = [...packages.values()].map(({ id, name }) => ({
        category: "default_component_of",
        product_reference: id,
        relates_to_product_reference: imageId,
        full_product_name: { product_id: `${imageId}:${id}`, name: `${name} in ${imageName}` },
      }));
      return {
        full_product_names: [describeProduct(imageId, imageName, image), ...parts],
        ...(relationships.length === 0 ? {} : { relationships }),
      };
    },
  };
}

function describeProduct(id: string, name: string, purl: Purl): object {
  return { product_id: id, name, product_identification_helper: { purl } };
}

type Status = "known_affected" | "under_investigation" | "known_not_affected";

// Gravest first: where two findings of one package differ, the one that a reader must act on is told.
const statuses: readonly Status[] = ["known_affected", "under_investigation", "known_not_affected"];

function statusOf(suppressed: Suppression | undefined): Status {
  if (suppressed === undefined) return "known_affected";
  if (isUnaffected(suppressed)) return "known_not_affected";
  // Set aside is not judged: a statement that others act on must not say more.
  return suppressed.by === "matcher" ? "under_investigation" : "known_affected";
}

interface Product {
  readonly id: string;
  readonly status: Status;
  readonly findings: readonly Finding[];
}

function describeVulnerable(name: string, group: readonly Finding[], tree: ProductTree): object {
  const products = [...Map.groupBy(group, (finding) => tree.place(finding))].map(([id, all]): Product => {
    const told = statuses.find((known) => all.some(({ suppressed }) => statusOf(suppressed) === known));
    const status = told ?? "known_affected";
    return { id, status, findings: all.filter(({ suppressed }) => statusOf(suppressed) === status) };
  });
  const [first] = group;
  const others = [...new Set(group.flatMap(({ id, aliases }) => [id, ...aliases]))].filter((other) => other !== name);
  const ids = isCve(name) ? others : [name, ...others];
  const release = group.flatMap(({ published }) => normalTime(published) ?? []).toSorted()[0];
  const scores = describeScores(products);
  const threats = products.filter(({ status }) => status !== "known_affected").map(describeReason);
  const references = [...new Set(group.flatMap(referencesOf))].slice(0, 50);
  return {
    ...(isCve(name) ? { cve: name } : {}),
    ...(ids.length === 0 ? {} : { ids: ids.map((text) => ({ system_name: systemOf(text), text: textOf(text) })) }),
    notes: [{ category: "description", text: first === undefined ? name : textOf(describeVulnerability(first)) }],
    ...(release === undefined ? {} : { release_date: release }),
    product_status: Object.fromEntries(
      [...Map.groupBy(products, ({ status }) => status)].map(([status, some]) => [status, some.map(({ id }) => id)]),
    ),
    ...remediationsOf(products.filter(({ status }) => status === "known_affected")),
    ...(threats.length === 0 ? {} : { threats }),
    ...(scores.length === 0 ? {} : { scores }),
    ...(references.length === 0
      ? {}
      : { references: references.map((url) => ({ category: "external", summary: url, url })) }),
  };
}

const systems: Readonly<Record<string, string>> = { CVE: "CVE", GHSA: "GitHub Advisory Database" };

function systemOf(id: string): string {
  const [, prefix = "advisory"] = /^([A-Za-z]{2,20})-/.exec(id) ?? [];
  return systems[prefix] ?? prefix;
}

function describeReason({ id, findings }: Product): object {
  const reasons = [...new Set(findings.map(({ suppressed }) => suppressed?.reason ?? ""))].join("; ");
  return { category: "impact", details: textOf(reasons), product_ids: [id] };
}

const categories: Readonly<Record<Finding["fixState"], string>> = {
  fixed: "vendor_fix",
  "not-fixed": "none_available",
  "wont-fix": "no_fix_planned",
  "end-of-life": "no_fix_planned",
  unknown: "none_available",
};

function remediationsOf(products: readonly Product[]): object {
  const told = products.flatMap(({ id, findings }) =>
    findings.map((finding) => {
      const { suppressed, fixState } = finding;
      const isAccepted = suppressed?.by === "ignore";
      const category = isAccepted ? "no_fix_planned" : categories[fixState];
      return { id, category, details: textOf(isAccepted ? `Accepted: ${suppressed.reason}` : adviseFix(finding)) };
    }),
  );
  const alike = Map.groupBy(told, ({ category, details }) => JSON.stringify([category, details]));
  const remediations = [...alike.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const { category, details } = first;
    return [{ category, details, product_ids: [...new Set(some.map(({ id }) => id))] }];
  });
  return remediations.length === 0 ? {} : { remediations };
}

// The base metrics alone, in the order of the standard: what the schema of CSAF allows for certain.
const baseVector = /^CVSS:(3\.[01])\/AV:[NALP]\/AC:[LH]\/PR:[NLH]\/UI:[NR]\/S:[UC]\/C:[NLH]\/I:[NLH]\/A:[NLH]$/;

// One score of version 3 for a product, the first that is whole.
function describeScores(products: readonly Product[]): readonly object[] {
  const rated = products.flatMap(({ id, findings }) => {
    const ratings = findings.flatMap((finding) => finding.ratings);
    for (const { vector = "", score } of ratings) {
      const [, version] = baseVector.exec(vector) ?? [];
      if (version === undefined || score === undefined) continue;
      return [
        { id, cvss: { version, vectorString: vector, baseScore: score, baseSeverity: rateScore(score).toUpperCase() } },
      ];
    }
    return [];
  });
  return [...Map.groupBy(rated, ({ cvss }) => JSON.stringify(cvss)).values()].flatMap((some) => {
    const [first] = some;
    return first === undefined ? [] : [{ products: some.map(({ id }) => id), cvss_v3: first.cvss }];
  });
}
