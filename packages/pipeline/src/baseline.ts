import { Decoder, isJsonObject, parseJson } from "@sc/model";
import type { KnownFinding } from "@sc/policy";
import { type AdvisoryDatabase, matchInventory } from "@sc/scan";
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
export function readBaseline(bytes: Uint8Array, { name, database }: BaselineInput): Baseline {
  const known = readReport(bytes, name);
  if (known !== undefined) return { source: name, findings: known };
  return {
    source: name,
    findings: matchInventory(readPackages(bytes, name), database, { descriptions: false }).findings,
  };
}

function readReport(bytes: Uint8Array, name: string): readonly KnownFinding[] | undefined {
  // Only JSON begins with a brace; other documents have a reader of their own.
  const start = bytes.findIndex((byte) => byte > 0x20);
  if (bytes[start] !== 0x7b) return undefined;
  const value = parseJson(bytes, name);
  if (!isJsonObject(value) || value["schema"] !== "urn:sc:scan-report:1") return undefined;
  const findings = new Decoder(value, name).member("findings").array();
  return findings.map((finding) => ({
    id: finding.member("id").string(),
    aliases: finding
      .member("aliases")
      .array()
      .map((alias) => alias.string()),
    package: {
      type: finding.member("package").member("type").string(),
      name: finding.member("package").member("name").string(),
    },
  }));
}
