import { ScError } from "@sc/model";
import { compileLinearPattern, type LinearPattern } from "./linear-pattern.ts";
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
 * anybody nor ask for what cannot be matched in a time that grows with the name alone. Throws `POLICY_INVALID`.
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
  const probes = ["x", "probe@example.invalid", "https://example.invalid/probe"];
  // Asked in any case: a pattern that cannot be asked is refused before anything is fetched.
  const answers = probes.map((probe) => isNamed(pattern, probe));
  if (!anybody && answers.every(Boolean)) {
    const shown = JSON.stringify(pattern.source.slice(0, 200));
    throw new ScError("POLICY_INVALID", `identity pattern ${shown}: matches anybody`, {
      hint: "Name the repository or the person in the pattern.",
    });
  }
}

const compiled = new WeakMap<RegExp, LinearPattern>();

/**
 * Whether a name is the text that is wanted, or matched by the pattern as a whole: without the flags that let a part of
 * it, or one line of it, count. Throws `POLICY_INVALID`.
 */
export function isNamed(wanted: string | RegExp, got: string): boolean {
  if (typeof wanted === "string") return wanted === got;
  if (got.length > maxNameLength) return false;
  const pattern = compiled.get(wanted) ?? compileLinearPattern(wanted);
  compiled.set(wanted, pattern);
  return pattern.matches(got);
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
      ...claimFacts(got, wanted),
    },
  });
}

function isIdentity(got: CertificateIdentity, policy: IdentityPolicy): boolean {
  if (!isNamed(policy.subject, got.subject) || !isNamed(policy.issuer, got.issuer)) return false;
  return otherClaims(got, policy).length === 0;
}

/** The claims that are not as a policy wants them. */
function otherClaims(got: CertificateIdentity, { claims = {} }: IdentityPolicy): readonly CertificateClaim[] {
  return claimNames().filter((name) => claims[name] !== undefined && got.claims[name] !== claims[name]);
}

function claimFacts(got: CertificateIdentity, wanted: IdentityPolicy | undefined): Readonly<Record<string, string>> {
  if (wanted === undefined) return {};
  const facts = otherClaims(got, wanted).flatMap((name) => {
    const said = got.claims[name];
    return [
      [name, said === undefined ? "not said" : JSON.stringify(said.slice(0, 300))],
      [`expected ${name}`, JSON.stringify(wanted.claims?.[name])],
    ] as const;
  });
  return Object.fromEntries(facts);
}
