import { Decoder, type Finding, type Inventory, isJsonObject, parseJson, severities } from "@sc/model";
import type { KnownFinding } from "@sc/policy";
import { type AdvisoryDatabase, ecosystemsOf, matchInventory } from "@sc/scan";
import { readPackages } from "./sbom.ts";
import type { Baseline } from "./scan.ts";

/** What is to be told from what was there before, and the advisories that judge a document by. */
export interface BaselineInput {
  /** Names the file in errors and reasons. */
  readonly name: string;
  readonly database: AdvisoryDatabase;
}

/**
 * What was known before, from a file: the findings of an earlier JSON report, or those of an SBOM as the database of
 * today knows them. Throws `DECODE_FAILED`, and what `readSbom` throws for a file that is neither.
 */
export async function readBaseline(bytes: Uint8Array, { name, database }: BaselineInput): Promise<Baseline> {
  const known = readReport(bytes, name);
  if (known !== undefined) return { source: name, ...known };
  return await baselineOf(readPackages(bytes, name), { name, database });
}

/** What the database of today knows of something, such as a base image, as what was known before. */
export async function baselineOf(inventory: Inventory, { name, database }: BaselineInput): Promise<Baseline> {
  await database.complete(ecosystemsOf(inventory));
  const { findings } = matchInventory(inventory, database, { descriptions: false });
  return { source: name, findings, severities: countSeverities(findings) };
}

function countSeverities(findings: readonly Finding[]): Baseline["severities"] {
  const counted = Map.groupBy(findings, ({ suppressed, severity }) =>
    suppressed === undefined ? severity : undefined,
  );
  return Object.fromEntries(severities.map((severity) => [severity, counted.get(severity)?.length ?? 0]));
}

function readReport(bytes: Uint8Array, name: string): Omit<Baseline, "source"> | undefined {
  // Only JSON begins with a brace; other documents have a reader of their own.
  const start = bytes.findIndex((byte) => byte > 0x20);
  if (bytes[start] !== 0x7b) return undefined;
  const value = parseJson(bytes, name);
  if (!isJsonObject(value) || value["schema"] !== "urn:sc:scan-report:1") return undefined;
  const document = new Decoder(value, name);
  const counts = document.member("summary").member("findings");
  return {
    findings: document.member("findings").array().map(readFinding),
    severities: Object.fromEntries(
      severities.map((severity) => [severity, counts.member(severity).optional((count) => count.count()) ?? 0]),
    ),
  };
}

/** Findings of a report, with how many of them counted by severity. Throws `DECODE_FAILED`. */
export function readKnown(findings: Decoder): Omit<Baseline, "source"> {
  const listed = findings.array();
  const counted = listed.filter((one) => one.member("suppressed").absent).map((one) => one.member("severity").string());
  return {
    findings: listed.map(readFinding),
    severities: Object.fromEntries(
      severities.map((severity) => [severity, counted.filter((one) => one === severity).length]),
    ),
  };
}

function readFinding(finding: Decoder): KnownFinding {
  return {
    id: finding.member("id").string(),
    aliases: finding
      .member("aliases")
      .array()
      .map((alias) => alias.string()),
    package: {
      type: finding.member("package").member("type").string(),
      name: finding.member("package").member("name").string(),
    },
  };
}
