import type { ArtifactStore, Call, Descriptor, Digest, JsonObject } from "@sc/model";
import { encodeBundle } from "./bundle.ts";
import { preAuthEncoding } from "./envelope.ts";
import { findVerified } from "./find-verified.ts";
import type { Signature, Signer } from "./signer.ts";
import { statementMediaType } from "./statement.ts";
import type { StorageForm } from "./storage/candidate.ts";
import { layerAnnotations } from "./storage/tag.ts";
import { writeBundle } from "./storage/write-bundle.ts";
import type { CandidateContent } from "./verify-candidate.ts";

/** Where signatures are written: bundles among the referrers, cosign's tags, or both, so that every tool reads one. */
export type StorageChoice = "bundle" | "tag" | "both";

/** One signature or attestation that is now stored. */
export interface AttachedRecord {
  readonly form: StorageForm;
  /** `present` when the same was there already, by the same key. */
  readonly state: "written" | "present";
  /** The manifest it stands in. */
  readonly manifest: Digest;
  readonly subject: Digest;
  /** The repository it was written to. */
  readonly repository: string;
  /** The tag, in the tag form. */
  readonly tag?: string;
}

/** A statement in an envelope, signed. */
export interface SignedStatement {
  readonly payload: Uint8Array;
  readonly signature: Signature;
}

/** Signs a statement's bytes as an envelope does. */
export async function signStatement(payload: Uint8Array, signer: Signer, call: Call): Promise<SignedStatement> {
  return { payload, signature: await signer.sign(preAuthEncoding(statementMediaType, payload), call) };
}

/** What is attached as a bundle, and when it counts as there already. */
export interface AttachBundleOptions extends Call {
  readonly subject: Descriptor;
  readonly predicateType: string;
  readonly created: Date;
  readonly signer: Signer;
  readonly isSame: (content: CandidateContent) => boolean;
  /** Makes the signed statement; called only when it is needed. */
  readonly create: () => Promise<SignedStatement>;
}

/** Attaches a statement as a bundle unless the same one by the same key is there. */
export async function attachBundle(store: ArtifactStore, options: AttachBundleOptions): Promise<AttachedRecord> {
  const { subject, predicateType, created, create, signal, onProgress } = options;
  const record = { form: "bundle", subject: subject.digest, repository: store.repository } as const;
  const present = await findPresent(store, options);
  if (present !== undefined) return { ...record, state: "present", manifest: present };
  const { payload, signature } = await create();
  const envelope = { payloadType: statementMediaType, payload, signature: signature.bytes };
  const bundle = encodeBundle({ envelope, material: signature.material });
  const manifest = await writeBundle(store, bundle, { subject, predicateType, created, signal, onProgress });
  return { ...record, state: "written", manifest: manifest.digest };
}

// A signer without a key of its own signs with a new one each time: nothing earlier can be told to be its.
async function findPresent(
  store: ArtifactStore,
  { subject, predicateType, signer, isSame, signal, onProgress }: AttachBundleOptions,
): Promise<Digest | undefined> {
  if (signer.publicKey === undefined) return undefined;
  const policy = { keys: [signer.publicKey] };
  const { accepted } = await findVerified(store, {
    wanted: { subject: subject.digest, predicateType, policy, repository: store.repository },
    suffix: "sig",
    storage: "bundle",
    all: true,
    signal,
    onProgress,
  });
  return accepted.find(({ content }) => isSame(content))?.manifest;
}

/** The annotations that say by whom a layer is signed. */
export function materialAnnotations({ material }: Signature): JsonObject & Readonly<Record<string, string>> {
  if (material.kind === "key") return {};
  const body =
    Buffer.from(material.certificate)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${body.join("\n")}\n-----END CERTIFICATE-----\n`;
  return { [layerAnnotations.certificate]: pem };
}
