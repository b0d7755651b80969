import { formatCount, hasCode, isScError } from "@sc/model";
import { parseReference } from "@sc/oci";
import { type Connection, pinReference, verify, verifyAttestation } from "@sc/pipeline";
import {
  type Consumer,
  listConsumers,
  provenanceTypes,
  type SignerPolicy,
  type VerifiedImage,
  type VerifiedStatement,
} from "@sc/sign";
import { readAnnotations } from "./annotations.ts";
import type { ActionContext } from "./command.ts";
import { storages } from "./options/signing.ts";
import type { Vulnerabilities, VulnerabilityCheck } from "./vulnerability-check.ts";

/** The attestations that the table has a column for. */
export const attestationKinds = ["sbom", "provenance"] as const;

/** One of them. */
export type AttestationKind = (typeof attestationKinds)[number];

const typesOf: Readonly<Record<AttestationKind, readonly string[]>> = {
  sbom: ["cyclonedx", "spdxjson"],
  provenance: provenanceTypes,
};

/** Whether an image has an attestation of a kind that holds by the policy. */
export type Presence =
  | { readonly state: "verified"; readonly statements: readonly VerifiedStatement[] }
  | { readonly state: "absent" }
  /** There is one, and it is not by an accepted signer or does not hold. */
  | { readonly state: "refused"; readonly code: string; readonly message: string };

/** What was found out about an image whose signature holds. */
export interface ImageVerification {
  readonly image: string;
  readonly value: VerifiedImage;
  readonly attestations: Readonly<Record<AttestationKind, Presence>>;
  readonly vulnerabilities?: Vulnerabilities;
  readonly consumers: readonly Consumer[];
  /** What does not pass although the signature holds, in sentences. */
  readonly refusals: readonly string[];
}

/** By what an image is verified. */
export interface VerificationAsked {
  readonly policy: SignerPolicy;
  readonly connection: Connection;
  readonly check: VulnerabilityCheck | undefined;
}

/**
 * Verifies the signature of an image, what is attested of it, and where it was asked for its packages. Throws where
 * the signature does not hold or something could not be looked at.
 */
export async function verifyOne(
  image: string,
  asked: VerificationAsked,
  context: ActionContext,
): Promise<ImageVerification> {
  const { policy, connection, check } = asked;
  const { values, signal, onProgress } = context;
  const signedRepository = values.text("signed-repository");
  const value = await verify(
    image,
    {
      ...policy,
      annotations: readAnnotations(values.texts("annotation")),
      storage: values.choice("storage", storages) ?? "both",
      all: true,
      ...(signedRepository === undefined ? {} : { signedRepository }),
    },
    {
      connection,
      signal,
      onProgress,
      artifactRepository: values.text("artifact-repository"),
      recursive: values.flag("recursive"),
    },
  );
  const sbom = await findAttested("sbom", value, { image, asked, context });
  const provenance = await findAttested("provenance", value, { image, asked, context });
  const [document] = sbom.state === "verified" ? sbom.statements : [];
  const pinned = pinReference(parseReference(image), value.descriptor.digest);
  const about = { image: pinned, connection, ...(document === undefined ? {} : { sbom: document }) };
  const vulnerabilities = check === undefined ? undefined : await check.evaluate(about);
  const attestations = { sbom, provenance };
  return {
    image,
    value,
    attestations,
    ...(vulnerabilities === undefined ? {} : { vulnerabilities }),
    consumers: listConsumers(value.signatures),
    refusals: [...missing(attestations, context), ...refused(vulnerabilities, check)],
  };
}

interface Finding {
  readonly image: string;
  readonly asked: VerificationAsked;
  readonly context: ActionContext;
}

async function findAttested(
  kind: AttestationKind,
  { descriptor }: VerifiedImage,
  { image, asked, context }: Finding,
): Promise<Presence> {
  const { values, signal } = context;
  const { policy, connection } = asked;
  const artifactRepository = values.text("artifact-repository");
  try {
    const { statements } = await verifyAttestation(
      image,
      { ...policy, predicateType: typesOf[kind] },
      // Without progress: that there is none is no failed step.
      { connection, signal, artifactRepository, subject: descriptor },
    );
    return { state: "verified", statements };
  } catch (error) {
    if (hasCode(error, "NO_SIGNATURES")) return { state: "absent" };
    if (!isScError(error) || error.code !== "VERIFICATION_FAILED") throw error;
    return { state: "refused", code: error.code, message: error.message };
  }
}

function missing(found: Readonly<Record<AttestationKind, Presence>>, { values }: ActionContext): readonly string[] {
  return attestationKinds
    .filter((kind) => values.texts("require").includes(kind) && found[kind].state !== "verified")
    .map((kind) => `--require ${kind}: ${found[kind].state === "absent" ? "none is attached" : "none is accepted"}`);
}

function refused(found: Vulnerabilities | undefined, check: VulnerabilityCheck | undefined): readonly string[] {
  if (found === undefined || check === undefined || found.refused === 0) return [];
  const { refused: count } = found;
  return [`--severity ${check.severities.join(",")}: ${formatCount(count, "vulnerability")}`];
}
