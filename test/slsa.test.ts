import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Descriptor, isScError } from "@sc/model";
import { openSource, parseReference } from "@sc/oci";
import {
  builderIdentities,
  decodeTrustRoot,
  type ProvenanceExpectation,
  provenanceTypes,
  type SignerPolicy,
  trustedBuilders,
  verifyAttestation,
  verifyBundle,
  verifyProvenance,
} from "@sc/sign";
import { describe, expect, test } from "vitest";
import { createHash } from "node:crypto";
import { dataFolder } from "./data-folder.ts";

const folder = dataFolder("slsa");
const sigstore = dataFolder("sigstore");

interface Case {
  readonly test: string;
  readonly name: string;
  readonly expect: "pass" | "fail";
  readonly err?: string;
  readonly artifacts?: readonly string[];
  readonly artifact?: string;
  readonly source?: string;
  readonly pbranch?: string;
  readonly ptag?: string;
  readonly pversiontag?: string;
  readonly pBuilderID?: string;
  readonly builderID?: string;
  readonly pkgName?: string;
  readonly pkgVersion?: string;
  readonly noversion?: boolean;
  readonly minversion?: string;
  readonly maxversion?: string;
  readonly remote?: boolean;
}

interface Attempt {
  /** The folder of the builder and its version, where there is one. */
  readonly at: string;
  run(): Promise<void> | void;
}

interface KnownDifference {
  readonly case: string;
  readonly reason: string;
}

const knownDifferences: readonly KnownDifference[] = JSON.parse(
  readFileSync(join(import.meta.dirname, "known-differences/slsa.json"), "utf8"),
);

function isKnown(id: string): boolean {
  return knownDifferences.some((difference) => difference.case === id);
}

function readCases(): readonly Case[] {
  if (folder === undefined) return [];
  return readFileSync(join(folder, "expected.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line): Case => JSON.parse(line));
}

function trustPolicy(): SignerPolicy {
  if (sigstore === undefined) throw new TypeError("the trust root of the data is absent");
  const bytes = readFileSync(join(sigstore, "public-good-tuf/targets/trusted_root.json"));
  return { identities: builderIdentities(trustedBuilders), trustRoot: decodeTrustRoot(bytes, "trusted root") };
}

function expectation(slsa: Case, builderId: string | undefined): ProvenanceExpectation {
  const { source = "", pbranch, ptag, pversiontag, pBuilderID, builderID } = slsa;
  const builder = pBuilderID ?? builderID ?? builderId;
  return {
    source,
    ...(builder === undefined ? {} : { builderId: builder }),
    ...(pbranch === undefined ? {} : { branch: pbranch }),
    ...(ptag === undefined ? {} : { tag: ptag }),
    ...(pversiontag === undefined ? {} : { versionedTag: pversiontag }),
  };
}

// The suite names the builder where it delegates to a workflow that is not the generator's own.
const delegated = "https://github.com/slsa-framework/example-trw/.github/workflows/builder_high-perms_slsa3.yml";

function folders(slsa: Case, builders: (name: string) => boolean): readonly string[] {
  if (folder === undefined) return [];
  if (slsa.noversion === true) return ["."];
  return readdirSync(folder)
    .filter((name) => name.startsWith("gha_") && builders(name))
    .flatMap((name) => readdirSync(join(folder, name)).map((version) => join(name, version)))
    .filter((path) => isWithin(path.split("/")[1] ?? "", slsa));
}

function versionNumber(version: string): number {
  return version
    .slice(1)
    .split(".")
    .reduce((sum, part) => sum * 1000 + Number(part), 0);
}

function isWithin(version: string, { minversion, maxversion }: Case): boolean {
  if (minversion !== undefined && versionNumber(version) < versionNumber(minversion)) return false;
  return maxversion === undefined || versionNumber(version) <= versionNumber(maxversion);
}

const allVersions: Case = { test: "", name: "", expect: "pass" };

function isForVersionsHere(slsa: Case): boolean {
  if (slsa.minversion === undefined && slsa.maxversion === undefined) return true;
  return (attemptsOf(slsa) ?? []).length > 0;
}

function fileAttempts(slsa: Case, builders: (name: string) => boolean): readonly Attempt[] {
  return folders(slsa, builders).flatMap((at) =>
    (slsa.artifacts ?? []).flatMap((artifact): readonly Attempt[] => {
      const path = join(folder ?? "", at, artifact);
      const bundle = [".build.slsa", ".intoto.build.slsa", ".intoto.jsonl", ".sigstore"]
        .map((suffix) => `${path}${suffix}`)
        .find((name) => existsSync(name));
      // Not every builder has every kind of run, and a case may name its provenance otherwise.
      const provenance = bundle ?? `${join(folder ?? "", at, slsa.artifacts?.[0] ?? "")}.intoto.jsonl`;
      if (!existsSync(path) || !existsSync(provenance)) return [];
      const builder = at.startsWith("gha_delegator/") ? delegated : undefined;
      return [{ at, run: () => verifyFile(path, provenance, expectation(slsa, builder)) }];
    }),
  );
}

function verifyFile(path: string, provenance: string, expected: ProvenanceExpectation): void {
  const evidence = verifyBundle(readFileSync(provenance), { bytes: readFileSync(path) }, trustPolicy());
  expect(verifyProvenance(evidence, expected).level).toBeGreaterThan(0);
}

function imageAttempts(slsa: Case): readonly Attempt[] {
  return folders(slsa, (name) => name === "gha_generic_container").map((at) => ({
    at,
    run: async () => {
      const path = join(folder ?? "", at, slsa.artifact ?? "");
      await using source = await openSource(parseReference(`oci-layout:${path}`), {});
      const digest = readFileSync(`${path}.digest`, "utf8").trim();
      const image = await source.resolve(digest);
      if (image === undefined) throw new TypeError("the image is not in its layout");
      await verifyImageProvenance(source, image, expectation(slsa, undefined));
    },
  }));
}

async function verifyImageProvenance(
  source: Parameters<typeof verifyAttestation>[0],
  image: Descriptor,
  expected: ProvenanceExpectation,
): Promise<void> {
  const predicateType = provenanceTypes[1] ?? "";
  const { statements } = await verifyAttestation(source, image, { ...trustPolicy(), predicateType });
  for (const statement of statements) expect(verifyProvenance(statement, expected).level).toBe(3);
}

interface NpmAttestations {
  readonly attestations: readonly { readonly predicateType: string; readonly bundle: object }[];
}

function npmAttempts(slsa: Case): readonly Attempt[] {
  return [
    {
      at: "npm",
      run: () => {
        const path = join(folder ?? "", "npm/gha", slsa.artifact ?? "");
        const { attestations }: NpmAttestations = JSON.parse(readFileSync(`${path}.json`, "utf8"));
        const found = attestations.find(({ predicateType }) => provenanceTypes.includes(predicateType));
        const digest = `sha512:${createHash("sha512").update(readFileSync(path)).digest("hex")}` as const;
        const bundle = Buffer.from(JSON.stringify(found?.bundle));
        const evidence = verifyBundle(bundle, { digest }, trustPolicy());
        const { pkgName, pkgVersion } = slsa;
        const purl = `pkg:npm/${(pkgName ?? "").replace("@", "%40")}`;
        const name = evidence.statement?.subjects[0]?.name ?? "";
        verifyProvenance(evidence, {
          ...expectation(slsa, undefined),
          ...(pkgName === undefined
            ? {}
            : {
                subjectName: pkgVersion === undefined ? `${purl}@${name.split("@").at(-1)}` : `${purl}@${pkgVersion}`,
              }),
        });
      },
    },
  ];
}

function attemptsOf(slsa: Case): readonly Attempt[] | undefined {
  if (slsa.remote === true) return undefined;
  switch (slsa.test) {
    case "GHAArtifactPath":
      return fileAttempts(slsa, (name) => !name.includes("container"));
    case "GHAContainerBased":
      return fileAttempts(slsa, (name) => name === "gha_container-based");
    case "GHAArtifactImage":
      return imageAttempts(slsa);
    case "NpmPackage":
      return npmAttempts(slsa);
    default:
      return undefined;
  }
}

async function outcome(
  attempt: Attempt,
): Promise<{ readonly answer: "pass" | "fail"; readonly code?: string; readonly why: string }> {
  try {
    await attempt.run();
    return { answer: "pass", why: "accepted" };
  } catch (error) {
    if (!isScError(error)) throw error;
    return { answer: "fail", code: error.code, why: `${error.code}: ${error.message}` };
  }
}

// The suite's classes of errors as the codes that mean the same here.
const mismatch = "PROVENANCE_MISMATCH";
const codesByError: Readonly<Record<string, readonly string[]>> = {
  ErrorInvalidRef: [mismatch],
  ErrorInvalidSignature: ["SIGNATURE_MISMATCH", "TRANSPARENCY_LOG_INVALID"],
  ErrorMismatchBranch: [mismatch],
  ErrorMismatchPackageName: [mismatch],
  ErrorMismatchSource: [mismatch],
  ErrorMismatchTag: [mismatch],
  ErrorMismatchVersionedTag: [mismatch],
  ErrorUntrustedReusableWorkflow: [mismatch, "BUILDER_UNTRUSTED"],
};

describe.skipIf(folder === undefined || sigstore === undefined)("the cases of slsa-verifier", () => {
  const cases = readCases();

  // A case for other versions of its builder than those in the folder has nothing to try: it is no test here.
  const [here, elsewhere] = [cases.filter(isForVersionsHere), cases.filter((slsa) => !isForVersionsHere(slsa))];

  test.each(here.map((slsa) => [`${slsa.test}: ${slsa.name}`, slsa] as const))(
    "%s ends as expected (SIGN-6)",
    async (id, slsa) => {
      const attempts = attemptsOf(slsa);
      // A case that nothing here decides is a difference too.
      if (attempts === undefined) return expect(isKnown(id)).toBe(true);
      expect(attempts.length).toBeGreaterThan(0);
      for (const attempt of attempts) {
        const { answer, code, why } = await outcome(attempt);
        const accepted = codesByError[slsa.err ?? ""] ?? [];
        const differs = answer !== slsa.expect || (code !== undefined && !accepted.includes(code));
        expect(differs, `${attempt.at}: ${why}`).toBe(isKnown(id));
      }
    },
  );

  test("a case is left out only for bounds that exclude every version in the folder", () => {
    const versions = new Set(folders(allVersions, () => true).map((path) => path.split("/")[1] ?? ""));
    expect(versions.size).toBeGreaterThan(0);
    for (const slsa of elsewhere) {
      expect(slsa.minversion ?? slsa.maxversion).toMatch(/^v/);
      for (const version of versions) expect(isWithin(version, slsa)).toBe(false);
    }
  });

  test("every known difference has its reason", () => {
    for (const { reason } of knownDifferences) expect(reason.length).toBeGreaterThan(20);
  });
});
