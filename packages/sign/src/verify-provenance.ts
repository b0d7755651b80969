import { ScError } from "@sc/model";
import { plainSourceUri, type ProvenanceClaims, readProvenance } from "./provenance.ts";
import { type BuildLevel, findBuilder, type TrustedBuilder, trustedBuilders } from "./trusted-builders.ts";
import type { Statement } from "./statement.ts";
import type { VerifiedStatement } from "./verify-attestation.ts";
import type { VerifiedBundle } from "./verified-bundle.ts";
import type { SignatureFacts, VerifiedSigner } from "./signature-facts.ts";
import { checkWorkflowInputs } from "./workflow-inputs.ts";

/** What a provenance must say. Everything is compared exactly. */
export interface ProvenanceExpectation {
  /** The repository the source must be from: `https://github.com/o/r`, also without the scheme or with `git+`. */
  readonly source: string;
  /** The builder's id, with its `@ref`, with the name of the tag alone, or without. Any trusted builder when not said. */
  readonly builderId?: string;
  /** The commit in hexadecimal, in full. */
  readonly commit?: string;
  /** The branch's name: `main`. */
  readonly branch?: string;
  /** The tag's name: `v1.2.3`. */
  readonly tag?: string;
  /** The beginning of a version: `v1.2` is `v1.2` and `v1.2.3`, never `v1.20`; `v1.0` is also the tag `v1`. */
  readonly versionedTag?: string;
  /** Inputs that a GitHub workflow must have been started with by hand; others may be any. */
  readonly workflowInputs?: Readonly<Record<string, string>>;
  /** The name of the subject, such as a package's purl. */
  readonly subjectName?: string;
  /** Refuses what is below. */
  readonly minLevel?: BuildLevel;
  /** Who is believed, and how far. The known builders when not said. */
  readonly builders?: readonly TrustedBuilder[];
}

const verified: unique symbol = Symbol("verified");

/** A provenance whose signer, builder and source are as expected. Only `verifyProvenance` makes one. */
export interface VerifiedProvenance {
  readonly [verified]: "provenance";
  readonly version: "1" | "0.2";
  readonly builderId: string;
  readonly buildType: string;
  readonly source: string;
  readonly ref?: string;
  readonly commit?: string;
  /** Decided by who signed for which builder, never by the document. */
  readonly level: BuildLevel;
  /** The row of the table that decided; absent when the signer is in none, which is level 1. */
  readonly builder?: string;
  readonly statement: Statement;
  readonly facts: SignatureFacts;
}

/** Whose signature and subject were verified: by `verifyAttestation` or `verifyBundle`. */
export type ProvenanceEvidence = VerifiedStatement | VerifiedBundle;

interface BuildOrigin {
  readonly uri: string;
  readonly ref: string | undefined;
  readonly commit: string | undefined;
}

/**
 * Checks what a provenance says, whose signature is verified already: the signer may speak for the builder it names,
 * it agrees with itself and with the signer's certificate, and it is from the expected source.
 *
 * Throws `PROVENANCE_INVALID`, `PROVENANCE_MISMATCH`, `BUILDER_UNTRUSTED`, `POLICY_INVALID`.
 */
export function verifyProvenance(evidence: ProvenanceEvidence, expected: ProvenanceExpectation): VerifiedProvenance {
  const { statement, facts } = evidence;
  if (statement === undefined) throw new ScError("PROVENANCE_INVALID", "provenance: the bundle holds no statement");
  if (expected.source === "") throw new ScError("POLICY_INVALID", "provenance: the expected source is empty");
  const claims = readProvenance(statement);
  const { level, builder, builderId } = decideLevel(claims, facts.signer, expected);
  const origin = findOrigin(claims, facts.signer);
  checkOrigin(origin, expected);
  checkWorkflowInputs(statement, expected.workflowInputs ?? {}, facts.signer);
  const { subjectName } = expected;
  if (subjectName !== undefined && !statement.subjects.some(({ name }) => name === subjectName)) {
    throw mismatch("subject", statement.subjects[0]?.name, subjectName);
  }
  const { ref, commit } = origin;
  return {
    [verified]: "provenance",
    version: claims.version,
    builderId,
    buildType: claims.buildType,
    source: origin.uri,
    ...(ref === undefined ? {} : { ref }),
    ...(commit === undefined ? {} : { commit }),
    level,
    ...(builder === undefined ? {} : { builder: builder.name }),
    statement,
    facts,
  };
}

interface Decision {
  readonly level: BuildLevel;
  readonly builder: TrustedBuilder | undefined;
  readonly builderId: string;
}

function decideLevel(claims: ProvenanceClaims, signer: VerifiedSigner, expected: ProvenanceExpectation): Decision {
  const { builders = trustedBuilders, minLevel = 1 } = expected;
  const builder = allowedBuilder(claims, signer, { builders, named: expected.builderId !== undefined });
  const environment = signer.kind === "identity" ? signer.claims.runnerEnvironment : undefined;
  const builderId = fullRunnerId(claims.builderId, environment);
  const wanted = expected.builderId;
  if (wanted !== undefined && !isBuilder(wanted, builderId, { said: claims.builderId, environment })) {
    throw mismatch("builder", builderId, wanted);
  }
  // A runner of one's own is not the platform's: what ran on it could have done anything to the build.
  const highest = environment === "self-hosted" ? 1 : (builder?.maxLevel ?? 1);
  if (highest < minLevel) throw mismatch("level", String(highest), `at least ${minLevel}`);
  return { level: highest, builder, builderId };
}

function allowedBuilder(
  claims: ProvenanceClaims,
  signer: VerifiedSigner,
  { builders, named }: { readonly builders: readonly TrustedBuilder[]; readonly named: boolean },
): TrustedBuilder | undefined {
  const builder = findBuilder(signer, claims.builderId, { builders, named });
  if (builder !== undefined) return builder;
  if (signer.kind === "identity" && signer.subject !== claims.builderId) {
    throw new ScError("BUILDER_UNTRUSTED", "provenance: its signer may not speak for the builder it names", {
      facts: { builder: shown(claims.builderId), signer: shown(signer.subject) },
      hint: "Name the builder, or add it to the table of trusted builders.",
    });
  }
  if (named) return undefined;
  throw new ScError("BUILDER_UNTRUSTED", "provenance: its builder is not among those trusted", {
    facts: { builder: shown(claims.builderId) },
    hint: "Name the builder that is expected.",
  });
}

// npm's older documents leave out what the certificate says.
function fullRunnerId(builderId: string, environment: string | undefined): string {
  const runner = "https://github.com/actions/runner";
  return builderId === runner ? `${runner}/${environment ?? "github-hosted"}` : builderId;
}

// By its whole id, its name without a version, or the version of a tag in short, as slsa-verifier takes it. The older
// documents' own word for a runner is one more name of GitHub's, never of somebody's own.
function isBuilder(
  wanted: string,
  builderId: string,
  { said, environment }: { readonly said: string; readonly environment: string | undefined },
): boolean {
  if (wanted === said && environment !== "self-hosted") return true;
  const at = builderId.lastIndexOf("@");
  const [name, ref] = at < 0 ? [builderId, ""] : [builderId.slice(0, at), builderId.slice(at + 1)];
  return [builderId, name, `${name}@${ref.replace(/^refs\/tags\//, "")}`].includes(wanted);
}

// Every place that says something must say the same; the certificate's word is the platform's own.
function findOrigin(claims: ProvenanceClaims, signer: VerifiedSigner): BuildOrigin {
  const said = [...(signer.kind === "identity" ? certificateSource(signer) : []), ...claims.sources];
  const [first] = said;
  if (first === undefined) throw new ScError("PROVENANCE_INVALID", "provenance: names no source");
  for (const member of ["uri", "ref", "commit"] as const) {
    const values = said.flatMap((source) => {
      const value = source[member];
      return value === undefined || value === "" ? [] : [{ value, at: source.at }];
    });
    const [one] = values;
    const other = values.find(({ value }) => value !== one?.value);
    if (one === undefined || other === undefined) continue;
    throw new ScError("PROVENANCE_MISMATCH", `provenance: ${one.at} and ${other.at} name two sources`, {
      facts: { [one.at]: shown(one.value), [other.at]: shown(other.value) },
    });
  }
  return {
    uri: first.uri,
    ref: said.find(({ ref }) => ref !== undefined)?.ref,
    commit: said.find(({ commit }) => commit !== undefined)?.commit,
  };
}

interface SaidSource {
  readonly at: string;
  readonly uri: string;
  readonly ref?: string;
  readonly commit?: string;
}

function certificateSource({ claims }: Extract<VerifiedSigner, { kind: "identity" }>): readonly SaidSource[] {
  const repository = claims.githubWorkflowRepository;
  const older = repository === undefined ? undefined : `https://github.com/${repository}`;
  const both = [
    { uri: claims.sourceRepositoryUri, ref: claims.sourceRepositoryRef, commit: claims.sourceRepositoryDigest },
    { uri: older, ref: claims.githubWorkflowRef, commit: claims.githubWorkflowSha },
  ];
  return both.flatMap(({ uri, ref, commit }) =>
    uri === undefined
      ? []
      : [
          {
            at: "certificate",
            uri: plainSourceUri(uri),
            ...(ref === undefined ? {} : { ref }),
            ...(commit === undefined ? {} : { commit }),
          },
        ],
  );
}

function checkOrigin(origin: BuildOrigin, expected: ProvenanceExpectation): void {
  const source = plainSourceUri(expected.source);
  if (origin.uri !== source) throw mismatch("source", origin.uri, source);
  const { commit, branch, tag, versionedTag } = expected;
  if (commit !== undefined && origin.commit !== commit) throw mismatch("commit", origin.commit, commit);
  if (branch !== undefined && origin.ref !== `refs/heads/${branch}`) throw mismatch("branch", origin.ref, branch);
  if (tag !== undefined && origin.ref !== `refs/tags/${tag}`) throw mismatch("tag", origin.ref, tag);
  if (versionedTag !== undefined && !isVersionOf(origin.ref, versionedTag)) {
    throw mismatch("version", origin.ref, versionedTag);
  }
}

// The parts that a tag leaves out are zeros, as in semantic versions; those that the wanted one leaves out are any.
function isVersionOf(ref: string | undefined, wanted: string): boolean {
  const tag = ref?.startsWith("refs/tags/") === true ? ref.slice("refs/tags/".length) : "";
  if (!plainVersion.test(tag) || !plainVersion.test(wanted)) return false;
  const parts = tag.slice(1).split(".");
  return wanted
    .slice(1)
    .split(".")
    .every((part, at) => part === (parts[at] ?? "0"));
}

const plainVersion = /^v\d+(?:\.\d+){0,2}$/;

function mismatch(what: string, got: string | undefined, wanted: string): ScError {
  return new ScError("PROVENANCE_MISMATCH", `provenance: is from another ${what}`, {
    facts: { [what]: got === undefined ? "not said" : shown(got), expected: shown(wanted) },
  });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 300));
}
