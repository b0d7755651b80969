import type { Call, Digest, JsonObject } from "@sc/model";
import { digestAlgorithm, digestHex } from "@sc/model";
import { parseReference } from "@sc/oci";
import { type BuildDependency, type BuildFacts, slsaProvenance02, slsaProvenance1 } from "@sc/sign";
import { type BuildEnvironment, tokenClaims, variables } from "./ci-platform.ts";
import { findCiPlatform } from "./detect-ci.ts";
import { readBaseImages } from "./dockerfile.ts";
import { type GitCheckout, readGitCheckout } from "./git-checkout.ts";

/** What a provenance is made from. */
export interface GenerateProvenanceOptions extends Call {
  /** The environment of the build. Only the variables of its platform are read. */
  readonly environment: BuildEnvironment;
  /** The version of the predicate; 1 by default. */
  readonly version?: "1" | "0.2";
  /** The folder that was built; its git checkout is read where the platform says no source. */
  readonly folder?: string;
  /** The text of the Dockerfile, with the build arguments that were given. */
  readonly dockerfile?: string;
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** The digest of a base image, where the registry can be asked. */
  readonly resolveImage?: (reference: string) => Promise<Digest | undefined>;
  /** The job's identity token: its claims say more than the environment. It is not kept. */
  readonly identityToken?: string;
  /** Who built it, in place of what the platform says. */
  readonly builderId?: string;
  /** Whether the source and the base images are named as what it was built from; true by default. */
  readonly materials?: boolean;
  /** Whether the machine is described by the few variables that say what it is and nothing secret; off by default. */
  readonly describeMachine?: boolean;
  /** RFC 3339. */
  readonly startedOn?: string;
  /** RFC 3339. */
  readonly finishedOn?: string;
}

/** A provenance, ready to be attested. */
export interface GeneratedProvenance {
  /** The predicate type's URI. */
  readonly type: string;
  readonly predicate: JsonObject;
  /** The id of the platform that was found. */
  readonly platform: string;
}

/**
 * The SLSA provenance of the build that runs here. On a machine that is no build platform it is made too, under a
 * builder id that says so, with a notice: nobody vouches for it. Environment variables other than the platform's own
 * are never read, and addresses lose their credentials.
 */
export async function generateProvenance(options: GenerateProvenanceOptions): Promise<GeneratedProvenance> {
  const { environment, version = "1", identityToken, folder, onProgress } = options;
  const platform = findCiPlatform(environment);
  const claims = identityToken === undefined ? undefined : tokenClaims(identityToken);
  const said = platform.read(environment, claims === undefined ? {} : { claims });
  if (platform.id === "local") {
    const message = "provenance: made on no known build platform, which is SLSA build level 1 at most";
    onProgress?.({ type: "notice", level: "warning", code: "PROVENANCE_LOCAL", message });
  }
  const checkout = folder === undefined ? undefined : await readGitCheckout(folder);
  const complete = await completed(withCheckout(said, checkout, options), options);
  return version === "1"
    ? { type: "https://slsa.dev/provenance/v1", predicate: slsaProvenance1(complete), platform: platform.id }
    : { type: "https://slsa.dev/provenance/v0.2", predicate: slsaProvenance02(complete), platform: platform.id };
}

async function completed(facts: BuildFacts, options: GenerateProvenanceOptions): Promise<BuildFacts> {
  const { environment, builderId, materials = true, describeMachine = false, startedOn, finishedOn } = options;
  return {
    ...(materials ? facts : withoutSource(facts)),
    ...(builderId === undefined ? {} : { builderId }),
    dependencies: materials ? [...facts.dependencies, ...(await baseImages(options))] : [],
    ...(describeMachine
      ? { internalParameters: { ...facts.internalParameters, machine: variables(environment, machineVariables) } }
      : {}),
    ...(startedOn === undefined ? {} : { startedOn }),
    ...(finishedOn === undefined ? {} : { finishedOn }),
  };
}

/** What says which machine it was; none can hold a secret. */
const machineVariables = [
  "RUNNER_OS",
  "RUNNER_ARCH",
  "ImageOS",
  "ImageVersion",
  "CI_RUNNER_VERSION",
  "NODE_NAME",
  "LANG",
];

function withoutSource({ source: _source, ...facts }: BuildFacts): BuildFacts {
  return facts;
}

// What the platform says of the source counts; the checkout fills in where it says nothing.
function withCheckout(facts: BuildFacts, checkout: GitCheckout | undefined, { onProgress }: Call): BuildFacts {
  if (checkout === undefined) return facts;
  const { uri, ref, commit, isModified } = checkout;
  if (isModified === true) {
    const message = "provenance: tracked files differ from the commit; what was built is not what the commit says";
    onProgress?.({ type: "notice", level: "warning", code: "PROVENANCE_MODIFIED", message });
  }
  const internalParameters: JsonObject =
    isModified === true ? { ...facts.internalParameters, workingTree: "modified" } : facts.internalParameters;
  if (facts.source !== undefined || uri === undefined) return { ...facts, internalParameters };
  const source = { uri, ...(ref === undefined ? {} : { ref }), ...(commit === undefined ? {} : { commit }) };
  return { ...facts, source, externalParameters: { ...facts.externalParameters, source: uri }, internalParameters };
}

async function baseImages(options: GenerateProvenanceOptions): Promise<readonly BuildDependency[]> {
  const { dockerfile, buildArguments, resolveImage, onProgress } = options;
  if (dockerfile === undefined) return [];
  const { images, unresolved } = await readBaseImages(dockerfile, buildArguments);
  for (const name of unresolved) {
    const message = `provenance: base image ${JSON.stringify(name.slice(0, 200))} depends on a build argument that was not given`;
    onProgress?.({ type: "notice", level: "warning", code: "PROVENANCE_INCOMPLETE", message });
  }
  return await Promise.all(images.map((image) => baseImage(image, resolveImage)));
}

async function baseImage(
  image: string,
  resolveImage: GenerateProvenanceOptions["resolveImage"],
): Promise<BuildDependency> {
  const reference = parseReference(image);
  if (reference.scheme !== "registry") return { uri: image };
  const { registry, repository, tag } = reference;
  const name = registry === "docker.io" ? repository.replace(/^library\//, "") : `${registry}/${repository}`;
  const digest = reference.digest ?? (await resolveImage?.(image));
  const version = tag === undefined ? "" : `@${tag}`;
  return {
    uri: `pkg:docker/${name}${version}`,
    ...(digest === undefined ? {} : { digest: { [digestAlgorithm(digest)]: digestHex(digest) } }),
  };
}
