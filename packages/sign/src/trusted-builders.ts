import { githubIssuer, type IdentityPolicy, isNamed } from "./identity.ts";
import type { VerifiedSigner } from "./signature-facts.ts";

/** The build levels of SLSA. */
export type BuildLevel = 1 | 2 | 3;

/** One builder that is believed, and how far: who may sign for it, and what its provenance may call it. */
export interface TrustedBuilder {
  readonly name: string;
  /** Who signs its provenance: a certificate's subject and issuer, or one key. */
  readonly signer: { readonly subject: RegExp; readonly issuer: string } | { readonly keyId: string };
  /** `subject`: the very name in the certificate. A pattern must match the whole id. */
  readonly builderId: "subject" | RegExp;
  /** The highest level that its provenance is good for. */
  readonly maxLevel: BuildLevel;
  /** Counts only where the expectation names the builder. */
  readonly mustBeNamed?: boolean;
}

const generator = String.raw`https:\/\/github\.com\/slsa-framework\/slsa-github-generator\/\.github\/workflows\/`;
const release = String.raw`@refs\/tags\/v\d+\.\d+\.\d+`;
const delegator = new RegExp(`^${generator}delegator_(?:lowperms-)?generic_slsa3\\.yml${release}$`);

/**
 * The builders that are known, the most trusted first. The level follows from who signed and for which builder, as
 * the specification's first step says; what a provenance claims about its own level is not read.
 *
 * @see https://slsa.dev/spec/v1.1/verifying-artifacts
 */
export const trustedBuilders: readonly TrustedBuilder[] = [
  {
    name: "slsa-github-generator",
    signer: {
      subject: new RegExp(
        `^${generator}(?:generator_generic|generator_container|builder_go|builder_container-based)_slsa3\\.yml${release}$`,
      ),
      issuer: githubIssuer,
    },
    builderId: "subject",
    maxLevel: 3,
  },
  {
    name: "slsa-github-generator, its own delegated builders",
    signer: { subject: delegator, issuer: githubIssuer },
    builderId: new RegExp(`^${generator}builder_(?:bazel|gradle|maven|nodejs)_slsa3\\.yml${release}$`),
    maxLevel: 3,
  },
  {
    name: "slsa-github-generator, delegated to a workflow of others",
    signer: { subject: delegator, issuer: githubIssuer },
    builderId: /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/\.github\/workflows\/[\w.-]+@refs\/tags\/v\d+\.\d+\.\d+$/,
    maxLevel: 1,
    mustBeNamed: true,
  },
  {
    name: "GitHub Actions, npm",
    signer: { subject: /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/\.github\/workflows\/\S+$/, issuer: githubIssuer },
    builderId: /^https:\/\/github\.com\/actions\/runner(?:\/github-hosted)?$/,
    maxLevel: 2,
  },
  {
    name: "GitHub Actions",
    signer: { subject: /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/\.github\/workflows\/\S+$/, issuer: githubIssuer },
    builderId: "subject",
    maxLevel: 2,
  },
  {
    name: "GitLab CI",
    signer: { subject: /^https:\/\/gitlab\.com\/(?:[^\s/@]+\/)+\/[^\s@]+@\S+$/, issuer: "https://gitlab.com" },
    builderId: /^https:\/\/gitlab\.com\/[\w./-]+\/-\/runners\/\d+$/,
    maxLevel: 2,
  },
];

/** The identities that may sign for any of the builders: what to verify a provenance's signature by. */
export function builderIdentities(builders: readonly TrustedBuilder[]): readonly IdentityPolicy[] {
  return builders.flatMap(({ signer }) =>
    "keyId" in signer ? [] : [{ subject: signer.subject, issuer: signer.issuer }],
  );
}

/** The builder that this signer may speak for under this id. */
export function findBuilder(
  signer: VerifiedSigner,
  builderId: string,
  { builders, named }: { readonly builders: readonly TrustedBuilder[]; readonly named: boolean },
): TrustedBuilder | undefined {
  return builders.find((builder) => {
    if (builder.mustBeNamed === true && !named) return false;
    if (!isSigner(signer, builder)) return false;
    if (builder.builderId === "subject") return signer.kind === "identity" && signer.subject === builderId;
    return isNamed(builder.builderId, builderId);
  });
}

function isSigner(signer: VerifiedSigner, builder: TrustedBuilder): boolean {
  const wanted = builder.signer;
  if ("keyId" in wanted) return signer.kind === "key" && signer.keyId === wanted.keyId;
  return signer.kind === "identity" && signer.issuer === wanted.issuer && isNamed(wanted.subject, signer.subject);
}
