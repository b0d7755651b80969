import { Decoder, isJsonObject, ScError } from "@sc/model";
import { vsaPredicate } from "./predicates/vsa.ts";
import type { SignatureFacts } from "./signature-facts.ts";
import type { Statement } from "./statement.ts";
import type { ProvenanceEvidence } from "./verify-provenance.ts";

/** What a verification summary must say. Everything is compared exactly, but for the levels. */
export interface SummaryExpectation {
  /** Who must have verified. Whose key or identity may speak for it is said where the signature is verified. */
  readonly verifierId: string;
  /** What must have been verified. */
  readonly resourceUri: string;
  /** By which policy. */
  readonly policyUri?: string;
  /** What it must have been found good for: `SLSA_BUILD_LEVEL_2` is met by 2 and above of that track; others exactly. */
  readonly levels?: readonly string[];
}

const verified: unique symbol = Symbol("verified");

/** A verification summary that is as expected. Only `verifySummary` makes one. */
export interface VerifiedSummary {
  readonly [verified]: "summary";
  readonly verifierId: string;
  readonly resourceUri: string;
  readonly policyUri: string;
  /** The levels that it says, as it says them. */
  readonly levels: readonly string[];
  /** When it was verified, as the verifier says. */
  readonly timeVerified: string;
  readonly statement: Statement;
  readonly facts: SignatureFacts;
}

/**
 * Checks what a verification summary says, whose signature and subject are verified already: that the expected verifier
 * found the expected resource to pass, and for what. A summary that says FAILED is refused. Throws `SUMMARY_INVALID`,
 * `SUMMARY_MISMATCH`, `POLICY_INVALID`.
 *
 * @see https://slsa.dev/spec/v1.1/verification_summary#how-to-verify
 */
export function verifySummary(evidence: ProvenanceEvidence, expected: SummaryExpectation): VerifiedSummary {
  const { statement, facts } = evidence;
  if (statement === undefined) throw new ScError("SUMMARY_INVALID", "summary: the bundle holds no statement");
  if (expected.verifierId === "" || expected.resourceUri === "")
    throw new ScError("POLICY_INVALID", "summary: the expected verifier or resource is empty");
  const said = readSummary(statement);
  const compared = [
    ["verifier", said.verifierId, expected.verifierId],
    ["resource", said.resourceUri, expected.resourceUri],
    ["policy", said.policyUri, expected.policyUri ?? said.policyUri],
  ] as const;
  for (const [what, got, wanted] of compared) {
    if (got !== wanted) throw mismatch(`is of another ${what}`, { [what]: shown(got), expected: shown(wanted) });
  }
  if (said.result !== "PASSED") throw mismatch("says that it did not pass", { result: shown(said.result) });
  for (const level of expected.levels ?? []) {
    if (isMet(level, said.levels)) continue;
    throw mismatch("is of another level", { levels: shown(said.levels.join(" ")), expected: shown(level) });
  }
  const { result: _passed, ...told } = said;
  return { [verified]: "summary", ...told, statement, facts };
}

type SaidSummary = Omit<VerifiedSummary, typeof verified | "statement" | "facts"> & { readonly result: string };

function readSummary({ predicateType, predicate }: Statement): SaidSummary {
  try {
    if (predicateType !== vsaPredicate.uri || !isJsonObject(predicate)) {
      const got = JSON.stringify(predicateType.slice(0, 200));
      throw new ScError("SUMMARY_INVALID", `summary: wanted ${vsaPredicate.uri}, got ${got}`);
    }
    const document = new Decoder(predicate, "summary");
    return {
      verifierId: document.member("verifier").member("id").string(),
      resourceUri: document.member("resourceUri").string(),
      policyUri: document.member("policy").member("uri").string(),
      result: document.member("verificationResult").string(),
      levels: document.member("verifiedLevels").optional((list) => list.array().map((level) => level.string())) ?? [],
      timeVerified: document.member("timeVerified").string(),
    };
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : "summary: cannot be read";
    throw new ScError("SUMMARY_INVALID", message, { cause });
  }
}

const slsaLevel = /^SLSA_([A-Z]+)_LEVEL_(0|[1-9]\d{0,2})$/;

function isMet(wanted: string, said: readonly string[]): boolean {
  const [, track, least] = slsaLevel.exec(wanted) ?? [];
  if (track === undefined) return said.includes(wanted);
  return said.some((level) => {
    const [, of, reached] = slsaLevel.exec(level) ?? [];
    return of === track && Number(reached) >= Number(least);
  });
}

function mismatch(what: string, facts: Readonly<Record<string, string>>): ScError {
  return new ScError("SUMMARY_MISMATCH", `summary: ${what}`, { facts });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 300));
}
