import { ScError } from "@sc/model";
import { type CertificateClaim, type CertificateIdentity, claimNames } from "./certificate.ts";

/** Who must have signed. A text is compared exactly; a pattern must match the whole text. */
export interface IdentityPolicy {
  /** The subject alternative name: a workflow's URI, an e-mail address. */
  readonly subject: string | RegExp;
  /** The identity provider. */
  readonly issuer: string | RegExp;
  /** Further claims of the certificate, compared exactly. */
  readonly claims?: Readonly<Partial<Record<CertificateClaim, string>>>;
  /** Accepts a pattern that matches anybody. */
  readonly unsafeAnyIdentity?: boolean;
}

/** The identity provider of GitHub Actions. */
export const githubIssuer = "https://token.actions.githubusercontent.com";

/**
 * Any workflow that ran for a repository of a GitHub organization or user, on github.com. Told by the owner that the
 * certificate states, not by the beginning of a name: `acme` is not `acme-evil`. Throws `POLICY_INVALID`.
 */
export function githubOrganization(organization: string): IdentityPolicy {
  if (!/^[a-z\d](?:[a-z\d-]{0,38})$/i.test(organization)) {
    throw new ScError(
      "POLICY_INVALID",
      `organization ${JSON.stringify(organization.slice(0, 100))}: not GitHub's form`,
    );
  }
  return {
    subject: /https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/\.github\/workflows\/\S+/,
    issuer: githubIssuer,
    claims: { sourceRepositoryOwnerUri: `https://github.com/${organization}` },
  };
}

// A name is chosen by whoever asks for a certificate; a pattern is not run over more than this.
const maxNameLength = 2048;

/**
 * Checks that an identity policy can be asked at all: it names somebody, its claims exist, its patterns neither match
 * anybody nor can be made to run for ages. Throws `POLICY_INVALID`.
 */
export function checkIdentityPolicy(policy: IdentityPolicy): void {
  for (const wanted of [policy.subject, policy.issuer]) {
    if (wanted === "") throw new ScError("POLICY_INVALID", "identity: a text that is empty matches nobody");
    if (typeof wanted !== "string") checkPattern(wanted, policy.unsafeAnyIdentity === true);
  }
  const names = claimNames();
  for (const name of Object.keys(policy.claims ?? {})) {
    if (!names.some((known) => known === name)) {
      throw new ScError("POLICY_INVALID", `identity: there is no claim ${JSON.stringify(name)}`);
    }
  }
}

function checkPattern(pattern: RegExp, anybody: boolean): void {
  const shown = JSON.stringify(pattern.source.slice(0, 200));
  if (isBacktracking(pattern.source)) {
    throw new ScError("POLICY_INVALID", `identity pattern ${shown}: repeats a repetition or looks around or back`, {
      hint: "Write the pattern without nested repetitions, look-around and back references.",
    });
  }
  const probes = ["x", "probe@example.invalid", "https://example.invalid/probe"];
  if (!anybody && probes.every((probe) => matches(pattern, probe))) {
    throw new ScError("POLICY_INVALID", `identity pattern ${shown}: matches anybody`, {
      hint: "Name the repository or the person in the pattern.",
    });
  }
}

// JavaScript's expressions backtrack: a repetition inside a repeated group takes exponential time on a chosen name.
function isBacktracking(source: string): boolean {
  const bare = source.replaceAll(/\\[^1-9k]/g, "_").replaceAll(/\[(?:[^\]\\]|\\.)*\]/g, "_");
  if (/\\[1-9k]/.test(bare) || /\(\?<?[=!]/.test(bare)) return true;
  const open: boolean[] = [];
  for (const [token] of bare.matchAll(/\(|\)(?:[*+]|\{\d+,\d*\})?|[*+|]|\{\d+,\d*\}/g)) {
    if (token === "(") open.push(false);
    else if (token.startsWith(")")) {
      const repeats = open.pop() === true;
      if (repeats && token.length > 1) return true;
      if ((repeats || token.length > 1) && open.length > 0) open[open.length - 1] = true;
    } else if (open.length > 0) open[open.length - 1] = true;
  }
  return false;
}

// Repetitions one after another take a time that grows with the length to the power of their number, and the name is
// chosen by whoever asks for a certificate: beyond this many steps a pattern does not match.
const maxSteps = 5e8;

function steps({ source }: RegExp, length: number): number {
  const bare = source.replaceAll(/\\./g, "_").replaceAll(/\[[^\]]*\]/g, "_");
  const repetitions = bare.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  let count = 1;
  for (let nth = 1; nth <= repetitions; nth += 1) count *= Math.max(length / nth, 1);
  return count;
}

function matches(wanted: string | RegExp, got: string): boolean {
  if (typeof wanted === "string") return wanted === got;
  if (got.length > maxNameLength || steps(wanted, got.length) > maxSteps) return false;
  // Without the flags that let a part of the text, or one line of it, count as the whole.
  return new RegExp(`^(?:${wanted.source})$`, wanted.flags.replaceAll(/[gmy]/g, "")).test(got);
}

/** Checks that an identity is one of those wanted. Throws `IDENTITY_MISMATCH` with what was got and wanted. */
export function checkIdentity(got: CertificateIdentity, policies: readonly IdentityPolicy[], where: string): void {
  if (policies.some((policy) => isIdentity(got, policy))) return;
  const [wanted] = policies;
  throw new ScError("IDENTITY_MISMATCH", `${where}: signed by ${JSON.stringify(got.subject.slice(0, 300))}`, {
    facts: {
      identity: JSON.stringify(got.subject.slice(0, 300)),
      issuer: JSON.stringify(got.issuer.slice(0, 300)),
      expected: String(wanted?.subject),
      "expected issuer": String(wanted?.issuer),
    },
  });
}

function isIdentity(got: CertificateIdentity, policy: IdentityPolicy): boolean {
  if (!matches(policy.subject, got.subject) || !matches(policy.issuer, got.issuer)) return false;
  return claimNames().every((name) => {
    const wanted = policy.claims?.[name];
    return wanted === undefined || got.claims[name] === wanted;
  });
}
