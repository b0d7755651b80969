import {
  attestBlob,
  createRekorWitness,
  decodeTrustRoot,
  type IdentityPolicy,
  type ProvenanceExpectation,
  signBlob,
  trustedBuilders,
  verifyBlob,
  verifyBlobAttestation,
  type VerifiedProvenance,
  verifyProvenance,
} from "@sc/sign";
import { isScError, type JsonObject } from "@sc/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities, signerIdentity } from "./sign-authorities.ts";
import { outcomeOf } from "./sign-support.ts";

const blob = Buffer.from("built");
const source = "https://github.com/acme/api";
const [commit, otherCommit] = ["a".repeat(40), "b".repeat(40)];
const ref = "refs/heads/main";
const slsa = "https://slsa.dev/provenance/v1";
const slsa02 = "https://slsa.dev/provenance/v0.2";
const generator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/";

let authorities: Authorities;
beforeAll(async () => {
  authorities = await Authorities.start();
});
afterAll(async () => {
  await authorities[Symbol.asyncDispose]();
});

/** What a certificate says, by the number of the extension. */
type Extensions = Readonly<Record<number, string>>;

interface Build {
  readonly type?: string;
  readonly predicate: JsonObject;
  readonly subject?: string;
  readonly issuer?: string;
  readonly extensions?: Extensions;
}

/** Signs a provenance by a certificate, and verifies it: first the signature, then what it says. */
async function verify(build: Build, expected: Partial<ProvenanceExpectation> = {}): Promise<VerifiedProvenance> {
  const { type = slsa, predicate, subject = signerIdentity.subject, issuer = signerIdentity.issuer } = build;
  const extensions = [
    { oid: "1.3.6.1.4.1.57264.1.8", value: issuer },
    ...Object.entries(build.extensions ?? {}).map(([number, value]) => ({
      oid: `1.3.6.1.4.1.57264.1.${number}`,
      value,
      legacy: Number(number) < 8,
    })),
  ];
  const { origin } = authorities.sigstore;
  const witnesses = [createRekorWitness({ url: origin, client: authorities.client, version: 1 })];
  const signer = await authorities.certified({ subject, extensions }, witnesses);
  const bundle = await attestBlob(blob, signer, { type, predicate });
  const identities: readonly IdentityPolicy[] = [{ subject, issuer }];
  const trustRoot = decodeTrustRoot(authorities.sigstore.trustedRoot, "test root");
  const policy = { identities, trustRoot, predicateType: type };
  return verifyProvenance(verifyBlobAttestation(bundle, { bytes: blob }, policy), { source, ...expected });
}

interface Said {
  readonly builderId?: string;
  readonly workflow?: JsonObject;
  readonly dependency?: JsonObject;
}

/** A provenance of version 1, which says where it is from in two places. */
function version1({ builderId = signerIdentity.subject, workflow = {}, dependency = {} }: Said = {}): JsonObject {
  return {
    buildDefinition: {
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: { workflow: { repository: source, ref, ...workflow } },
      resolvedDependencies: [{ uri: `git+${source}@${ref}`, digest: { gitCommit: commit }, ...dependency }],
    },
    runDetails: { builder: { id: builderId } },
  };
}

/** One of version 0.2, as npm's registry has it, where a runner builds. */
function version02(builderId: string): JsonObject {
  return {
    builder: { id: builderId },
    buildType: "https://github.com/npm/cli/gha@v1",
    invocation: { configSource: { uri: `git+${source}@${ref}`, digest: { sha1: commit } } },
    materials: [{ uri: `git+${source}@${ref}`, digest: { sha1: commit } }],
  };
}

/** A build whose signer names itself as the builder. */
function builtBy(subject: string, issuer: string = signerIdentity.issuer): Build {
  return { subject, issuer, predicate: version1({ builderId: subject }) };
}

async function refusalOf(verification: Promise<unknown>): Promise<string> {
  const error: unknown = await verification.catch((thrown: unknown) => thrown);
  return isScError(error) ? `${error.code} ${error.message}` : "accepted";
}

describe("a provenance names one source (SIGN-6)", () => {
  test("and one that does is accepted, or nothing below would mean anything", async () => {
    const extensions = { 5: "acme/api", 6: ref, 3: commit, 12: source, 13: commit, 14: ref };
    expect(await verify({ predicate: version1(), extensions })).toMatchObject({ source, ref, commit, level: 2 });
  });

  const evil = "https://github.com/evil/api";
  test.each<readonly [string, Build]>([
    ["its dependency is of another repository", { predicate: version1({ dependency: { uri: `git+${evil}@${ref}` } }) }],
    [
      "its dependency is of another ref",
      { predicate: version1({ dependency: { uri: `git+${source}@refs/heads/x` } }) },
    ],
    ["the certificate is of another repository", { predicate: version1(), extensions: { 12: evil } }],
    ["the certificate is of another ref", { predicate: version1(), extensions: { 12: source, 14: "refs/heads/x" } }],
    ["the certificate is of another commit", { predicate: version1(), extensions: { 12: source, 13: otherCommit } }],
    ["the older claims are of another repository", { predicate: version1(), extensions: { 5: "evil/api" } }],
    [
      "the older claims are of another ref",
      { predicate: version1(), extensions: { 5: "acme/api", 6: "refs/heads/x" } },
    ],
    [
      "the older claims are of another commit",
      { predicate: version1(), extensions: { 5: "acme/api", 3: otherCommit } },
    ],
    ["the older and the newer claims disagree", { predicate: version1(), extensions: { 12: source, 5: "evil/api" } }],
  ])("refused where %s", async (_what, build) => {
    expect(await refusalOf(verify(build))).toMatch(/^PROVENANCE_MISMATCH .*name two sources/);
  });

  test("and only the expected one is accepted, never an empty text", async () => {
    expect(await refusalOf(verify({ predicate: version1() }, { source: "" }))).toMatch(/^POLICY_INVALID/);
    for (const other of ["https://github.com/acme", `${source}2`, "https://github.com/Acme/api", "acme/api"]) {
      expect(await refusalOf(verify({ predicate: version1() }, { source: other })), other).toMatch(/^PROVENANCE_MISM/);
    }
  });

  test("a signature of the file itself is no provenance", async () => {
    const signer = await authorities.certified({}, [authorities.rekor(1)]);
    const evidence = verifyBlob(await signBlob(blob, signer), blob, authorities.policy());
    expect(await outcomeOf(() => verifyProvenance(evidence, { source }))).toBe("PROVENANCE_INVALID");
  });
});

describe("the builder that a provenance names (SIGN-6)", () => {
  const runner = "https://github.com/actions/runner";
  const own = { type: slsa02, predicate: version02(runner), extensions: { 11: "self-hosted" } };
  const hosted = { type: slsa02, predicate: version02(runner), extensions: { 11: "github-hosted" } };

  test("is GitHub's runner by the older word for it, unless it is a machine of somebody's own", async () => {
    expect(await verify(hosted, { builderId: runner })).toMatchObject({
      level: 2,
      builderId: `${runner}/github-hosted`,
    });
    expect(await verify(hosted, { builderId: `${runner}/github-hosted` })).toMatchObject({ level: 2 });
    expect(await refusalOf(verify(hosted, { builderId: `${runner}/self-hosted` }))).toMatch(/^PROVENANCE_MISMATCH/);
    expect(await refusalOf(verify(own, { builderId: runner }))).toMatch(/^PROVENANCE_MISMATCH/);
    expect(await refusalOf(verify(own, { builderId: `${runner}/github-hosted` }))).toMatch(/^PROVENANCE_MISMATCH/);
    expect(await verify(own, { builderId: `${runner}/self-hosted` })).toMatchObject({ level: 1 });
  });

  test("is its own by the tag in short, and of a branch only by its whole name", async () => {
    const workflow = `${source}/.github/workflows/release.yml`;
    const [tag, branch] = [`${workflow}@refs/tags/v1.2.3`, `${workflow}@refs/heads/v1.2.3`];
    expect(await verify(builtBy(tag), { builderId: `${workflow}@v1.2.3` })).toMatchObject({ builderId: tag });
    expect(await refusalOf(verify(builtBy(branch), { builderId: `${workflow}@v1.2.3` }))).toMatch(
      /^PROVENANCE_MISMATCH/,
    );
    expect(await verify(builtBy(branch), { builderId: branch })).toMatchObject({ builderId: branch });
  });

  const delegator = `${generator}delegator_generic_slsa3.yml@refs/tags/v2.0.0`;
  const delegated = "https://github.com/acme/builder/.github/workflows/build.yml@refs/tags/v1.0.0";

  test("is another's workflow that the delegator speaks for only where it is named, at level 1", async () => {
    const build = { subject: delegator, predicate: version1({ builderId: delegated }) };
    expect(await refusalOf(verify(build))).toMatch(/^BUILDER_UNTRUSTED/);
    expect(await verify(build, { builderId: delegated })).toMatchObject({ level: 1, builderId: delegated });
    const ofBranch = { subject: delegator, predicate: version1({ builderId: delegated.replace("tags", "heads") }) };
    const named = { builderId: delegated.replace("tags", "heads") };
    expect(await refusalOf(verify(ofBranch, named))).toMatch(/^BUILDER_UNTRUSTED/);
  });

  test("is the generator's own at level 3, by GitHub's word alone and of a release alone", async () => {
    const release = `${generator}generator_generic_slsa3.yml@refs/tags/v2.0.0`;
    expect(await verify(builtBy(release))).toMatchObject({ level: 3 });
    expect(await refusalOf(verify(builtBy(release, "https://issuer.example")))).toMatch(/^BUILDER_UNTRUSTED/);
    for (const other of [release.replace("tags/v2.0.0", "heads/main"), release.replace("v2.0.0", "v2.0.0-rc.1")]) {
      expect((await verify(builtBy(other))).level, other).toBe(2);
    }
  });

  test("is told by the whole of a table's pattern, whoever wrote the table", async () => {
    const [first] = trustedBuilders;
    if (first === undefined) throw new TypeError("an empty table");
    const builders = [
      {
        ...first,
        signer: { subject: /https:.*/, issuer: signerIdentity.issuer },
        builderId: /https:\/\/b\.example\/x/,
      },
    ];
    const by = (builderId: string): Promise<string> =>
      refusalOf(verify({ predicate: version1({ builderId }) }, { builders, builderId }));
    expect(await by("https://b.example/x")).toBe("accepted");
    for (const other of ["https://b.example/xy", "https://evil.example/?https://b.example/x"]) {
      expect(await by(other), other).toMatch(/^BUILDER_UNTRUSTED/);
    }
  });
});
