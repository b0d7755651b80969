import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestOf } from "@sc/model";
import { openSource, parseReference } from "@sc/oci";
import {
  builderIdentities,
  decodeTrustRoot,
  parsePublicKeys,
  type ProvenanceExpectation,
  provenanceTypes,
  type SignerPolicy,
  trustedBuilders,
  type TrustRoot,
  type VerifiedBundle,
  type VerifiedStatement,
  verifyAttestation,
  verifyBundle,
  verifyProvenance,
  verifySummary,
} from "@sc/sign";
import { expect } from "vitest";
import { dataFolder } from "./data-folder.ts";

/** One line of slsa-verifier's regression cases. */
export interface SlsaCase {
  readonly test: string;
  readonly name: string;
  readonly expect: "pass" | "fail";
  readonly err?: string;
  readonly artifacts?: readonly string[];
  readonly artifact?: string;
  readonly provenance?: string;
  readonly provenancePath?: string;
  readonly attestationPath?: string;
  readonly source?: string;
  readonly pbranch?: string;
  readonly ptag?: string;
  readonly pversiontag?: string;
  readonly pBuilderID?: string;
  readonly builderID?: string;
  readonly builders?: readonly string[];
  readonly pkgName?: string;
  readonly pkgVersion?: string;
  readonly noversion?: boolean;
  readonly minversion?: string;
  readonly maxversion?: string;
  readonly remote?: boolean;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly subjectDigests?: readonly string[];
  readonly verifierID?: string;
  readonly resourceURI?: string;
  readonly verifiedLevels?: readonly string[];
  readonly publicKeyPath?: string;
  readonly publicKeyID?: string;
}

/** One way to run a case: with the files of one version of a builder, and one way to name the builder. */
export interface Attempt {
  /** The folder of the builder and its version, and how the builder is named. */
  readonly at: string;
  /** `false` where the provenance is in another form than a bundle. */
  readonly bundled: boolean;
  /** `true` where the certificate is one for a workflow as it stood on a branch. */
  readonly onBranch: boolean;
  run(): Promise<void> | void;
}

/** The suite; absent without its data or the trust root that it is verified by. */
export const slsaFolder: string | undefined = dataFolder("slsa");
const sigstore = dataFolder("sigstore");

/** Whether there is all that the suite needs. */
export const hasSlsaData: boolean = slsaFolder !== undefined && sigstore !== undefined;

/** The cases of the suite. */
export function readSlsaCases(): readonly SlsaCase[] {
  if (slsaFolder === undefined || !hasSlsaData) return [];
  return readFileSync(join(slsaFolder, "expected.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line): SlsaCase => JSON.parse(line));
}

let root: TrustRoot | undefined;

function trustRoot(): TrustRoot {
  const bytes = readFileSync(join(sigstore ?? "", "public-good-tuf/targets/trusted_root.json"));
  root ??= decodeTrustRoot(bytes, "trusted root");
  return root;
}

function trustPolicy(): SignerPolicy {
  return { identities: builderIdentities(trustedBuilders), trustRoot: trustRoot() };
}

function expectation(slsa: SlsaCase, builderId: string | undefined): ProvenanceExpectation {
  const { source = "", pbranch, ptag, pversiontag, inputs } = slsa;
  return {
    source,
    ...(inputs === undefined ? {} : { workflowInputs: inputs }),
    ...(builderId === undefined ? {} : { builderId }),
    ...(pbranch === undefined ? {} : { branch: pbranch }),
    ...(ptag === undefined ? {} : { tag: ptag }),
    ...(pversiontag === undefined ? {} : { versionedTag: pversiontag }),
  };
}

const generator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/";
// The suite's own delegating workflow: it is trusted only where it is named.
const delegated = "https://github.com/slsa-framework/example-trw/.github/workflows/builder_high-perms_slsa3.yml";

const builderOf: Readonly<Record<string, string>> = {
  gha_go: `${generator}builder_go_slsa3.yml`,
  gha_generic: `${generator}generator_generic_slsa3.yml`,
  gha_delegator: delegated,
  gha_maven: `${generator}builder_maven_slsa3.yml`,
  gha_gradle: `${generator}builder_gradle_slsa3.yml`,
  "gha_container-based": `${generator}builder_container-based_slsa3.yml`,
  gha_generic_container: `${generator}generator_container_slsa3.yml`,
};

// As the suite names builders: not at all, by name, with a version in both its forms.
function builderNames(slsa: SlsaCase, at: string): readonly (string | undefined)[] {
  const named = slsa.pBuilderID ?? slsa.builderID;
  if (named !== undefined) return [named];
  const [folder = "", version] = at.split("/");
  const builder = builderOf[folder];
  if (builder === undefined || version === undefined) return [undefined];
  const names = [builder, `${builder}@${version}`, `${builder}@refs/tags/${version}`];
  return builder === delegated ? names : [...names, undefined];
}

function versionNumber(version: string): number {
  const parts = version.slice(1).split(".").map(Number);
  return [0, 1, 2].reduce((sum, at) => sum * 1000 + (parts[at] ?? 0), 0);
}

// For images the suite takes what is newer than `minversion`, elsewhere that version too.
function isWithin(version: string, { test, minversion, maxversion }: SlsaCase): boolean {
  const at = versionNumber(version);
  const least = minversion === undefined ? 0 : versionNumber(minversion) + (test === "GHAArtifactImage" ? 1 : 0);
  return at >= least && (maxversion === undefined || at <= versionNumber(maxversion));
}

function folders(slsa: SlsaCase, builders: readonly string[]): readonly string[] {
  if (slsaFolder === undefined) return [];
  if (slsa.noversion === true) return ["."];
  return (slsa.builders ?? builders)
    .filter((name) => existsSync(join(slsaFolder ?? "", name)))
    .flatMap((name) => readdirSync(join(slsaFolder ?? "", name)).map((version) => join(name, version)))
    .filter((path) => isWithin(path.split("/")[1] ?? "", slsa));
}

const suffixes = [".build.slsa", ".intoto.build.slsa", ".intoto.sigstore", ".intoto.jsonl"];

function formOf(path: string): Pick<Attempt, "bundled" | "onBranch"> {
  const text = readFileSync(path, "utf8");
  if (!text.includes('"mediaType"')) return { bundled: false, onBranch: false };
  const document: StoredBundle = JSON.parse(text);
  const { certificate, x509CertificateChain } = document.verificationMaterial ?? {};
  const der = certificate ?? x509CertificateChain?.certificates[0];
  const name = der === undefined ? "" : new X509Certificate(Buffer.from(der.rawBytes, "base64")).subjectAltName;
  return { bundled: true, onBranch: name?.includes("@refs/heads/") === true };
}

interface StoredBundle {
  readonly verificationMaterial?: {
    readonly certificate?: { readonly rawBytes: string };
    readonly x509CertificateChain?: { readonly certificates: readonly { readonly rawBytes: string }[] };
  };
}

function fileAttempts(slsa: SlsaCase, builders: readonly string[]): readonly Attempt[] {
  const artifacts = slsa.artifacts ?? (slsa.artifact === undefined ? [] : [slsa.artifact]);
  return folders(slsa, builders).flatMap((at) => {
    const path = (name: string): string => join(slsaFolder ?? "", at, name);
    const named = slsa.provenancePath === undefined ? [] : [path(slsa.provenancePath)];
    const guessed = suffixes.map((suffix) => path(`${artifacts[0]}${suffix}`));
    const provenance = (named.length > 0 ? named : guessed).find((file) => existsSync(file));
    // Not every builder has every kind of run.
    if (provenance === undefined || !artifacts.every((name) => existsSync(path(name)))) return [];
    const { bundled, onBranch } = formOf(provenance);
    return builderNames(slsa, at).map((builder) => ({
      at: `${at} ${builder}`,
      bundled,
      onBranch,
      run: () => {
        for (const name of artifacts) verifyFile(path(name), provenance, expectation(slsa, builder));
      },
    }));
  });
}

// Many cases ask other things of the same signatures: those are verified once.
const verifiedFiles = new Map<string, VerifiedBundle>();
const verifiedImages = new Map<string, readonly VerifiedStatement[]>();

function verifyFile(path: string, provenance: string, expected: ProvenanceExpectation): void {
  const both = `${path}\n${provenance}`;
  const known = verifiedFiles.get(both);
  const evidence = known ?? verifyBundle(readFileSync(provenance), { bytes: readFileSync(path) }, trustPolicy());
  verifiedFiles.set(both, evidence);
  expect(verifyProvenance(evidence, expected).level).toBeGreaterThan(0);
}

function imageAttempts(slsa: SlsaCase): readonly Attempt[] {
  return folders(slsa, ["gha_generic_container"]).flatMap((at) => {
    const path = join(slsaFolder ?? "", at, slsa.artifact ?? "");
    if (!existsSync(path)) return [];
    return builderNames(slsa, at).map((builder) => ({
      at: `${at} ${builder}`,
      bundled: true,
      onBranch: false,
      run: () => verifyImage(path, expectation(slsa, builder)),
    }));
  });
}

async function verifyImage(path: string, expected: ProvenanceExpectation): Promise<void> {
  const statements = verifiedImages.get(path) ?? (await verifyImageSignatures(path));
  verifiedImages.set(path, statements);
  expect(statements.length).toBeGreaterThan(0);
  for (const statement of statements) expect(verifyProvenance(statement, expected).level).toBe(3);
}

async function verifyImageSignatures(path: string): Promise<readonly VerifiedStatement[]> {
  await using source = await openSource(parseReference(`oci-layout:${path}`), {});
  const digest = readFileSync(`${path}.digest`, "utf8").trim();
  const image = await source.resolve(digest.startsWith("sha256:") ? digest : `sha256:${digest}`);
  if (image === undefined) throw new TypeError("the image is not in its layout");
  const predicateType = provenanceTypes[1] ?? "";
  return (await verifyAttestation(source, image, { ...trustPolicy(), predicateType })).statements;
}

interface NpmAttestations {
  readonly attestations: readonly { readonly predicateType: string; readonly bundle: object }[];
}

const publishType = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1";

// The registry signs that it took the package, whoever built it signs its provenance: both must hold.
function npmAttempts(slsa: SlsaCase): readonly Attempt[] {
  const path = join(slsaFolder ?? "", "npm/gha", slsa.artifact ?? "");
  if (!existsSync(path) || !existsSync(`${path}.json`)) return [];
  const run = (): void => {
    const { attestations }: NpmAttestations = JSON.parse(readFileSync(`${path}.json`, "utf8"));
    const bundleOf = (types: readonly string[]): Buffer =>
      Buffer.from(JSON.stringify(attestations.find(({ predicateType }) => types.includes(predicateType))?.bundle));
    const digest: Digest = `sha512:${createHash("sha512").update(readFileSync(path)).digest("hex")}`;
    const registry: SignerPolicy = { keys: npmKeys(), trustRoot: trustRoot(), requireLogEntry: true };
    const published = verifyBundle(bundleOf([publishType]), { digest }, registry);
    const built = verifyBundle(bundleOf(provenanceTypes), { digest }, trustPolicy());
    const { pkgName, pkgVersion } = slsa;
    const name = published.statement?.subjects[0]?.name ?? "";
    const at = name.lastIndexOf("@");
    const wanted = pkgName === undefined ? name.slice(0, at) : `pkg:npm/${pkgName.replace("@", "%40")}`;
    const subjectName = `${wanted}@${pkgVersion ?? name.slice(at + 1)}`;
    verifyProvenance(built, { ...expectation(slsa, slsa.builderID), subjectName });
  };
  return [{ at: `npm ${slsa.builderID}`, bundled: true, onBranch: false, run }];
}

interface NpmKeys {
  readonly keys: readonly {
    readonly keyUsage: string;
    readonly publicKey: {
      readonly rawBytes: string;
      readonly validFor: { readonly start: string; readonly end?: string };
    };
  }[];
}

function npmKeys(): NonNullable<SignerPolicy["keys"]> {
  // One registry has its keys among the targets, under its own name.
  const targets = join(sigstore ?? "", "public-good-tuf/targets");
  const file = readdirSync(targets)
    .map((name) => join(targets, name, "keys.json"))
    .find((path) => existsSync(path));
  const { keys }: NpmKeys = JSON.parse(readFileSync(file ?? "", "utf8"));
  return keys
    .filter(({ keyUsage }) => keyUsage === "npm:attestations")
    .flatMap(({ publicKey: { rawBytes, validFor } }) => {
      const pem = `-----BEGIN PUBLIC KEY-----\n${rawBytes}\n-----END PUBLIC KEY-----\n`;
      const end = validFor.end === undefined ? {} : { end: new Date(validFor.end) };
      const validity = { start: new Date(validFor.start), ...end };
      return parsePublicKeys(pem, "registry key").map(({ id, algorithm, pem: own, key }) => ({
        id,
        algorithm,
        pem: own,
        key,
        validity,
      }));
    });
}

// Forms that are told apart and refused: the bytes are all that matters there.
function foreignAttempts(path: string): readonly Attempt[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const run = (): void => {
    verifyBundle(bytes, { digest: digestOf(bytes) }, trustPolicy());
  };
  return [{ at: path.slice((slsaFolder ?? "").length + 1), ...formOf(path), run }];
}

function summaryAttempts(slsa: SlsaCase): readonly Attempt[] {
  const { attestationPath = "", publicKeyPath = "" } = slsa;
  const path = join(slsaFolder ?? "", "vsa", attestationPath);
  const keyPath = join(slsaFolder ?? "", "vsa", publicKeyPath);
  if (!existsSync(path) || !existsSync(keyPath)) return [];
  const run = (): void => {
    const keys = parsePublicKeys(readFileSync(keyPath), "verifier's key");
    // A case that names no subject names nothing that could be in a statement.
    const { subjectDigests = [":"], verifierID = "", resourceURI = "", verifiedLevels = [] } = slsa;
    for (const digest of subjectDigests) {
      const [algorithm = "", value = ""] = digest.split(/:(.*)/s);
      const evidence = verifyBundle(readFileSync(path), { named: { algorithm, value } }, { keys });
      verifySummary(evidence, { verifierId: verifierID, resourceUri: resourceURI, levels: verifiedLevels });
    }
  };
  return [{ at: attestationPath, bundled: true, onBranch: false, run }];
}

/** All ways to run a case for which there are files. */
export function attemptsOf(slsa: SlsaCase): readonly Attempt[] {
  switch (slsa.test) {
    case "GHAArtifactPath":
      return fileAttempts(slsa, ["gha_go", "gha_generic", "gha_delegator", "gha_maven", "gha_gradle"]);
    case "GHAContainerBased":
      return fileAttempts(slsa, ["gha_container-based"]);
    case "GHAArtifactImage":
      return imageAttempts(slsa);
    case "GithubAttestation":
      // The suite gives the name of no builder as an empty one, which is no builder's.
      return fileAttempts(
        { ...slsa, noversion: true, artifact: join("bcr", slsa.artifact ?? ""), builderID: slsa.builderID ?? "" },
        [],
      );
    case "NpmPackage":
      return npmAttempts(slsa);
    case "GCBArtifactImage":
      return folders({ ...slsa, noversion: false }, ["gcb_container"]).flatMap((at) =>
        foreignAttempts(join(slsaFolder ?? "", at, slsa.provenance ?? "")),
      );
    case "VSA":
      return summaryAttempts(slsa);
    default:
      throw new TypeError(`slsa: no such kind of case as ${slsa.test}`);
  }
}
