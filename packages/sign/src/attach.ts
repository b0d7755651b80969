import {
  type ArtifactStore,
  type Call,
  Decoder,
  type Descriptor,
  type Digest,
  hasCode,
  type JsonObject,
  ScError,
} from "@sc/model";
import { encodeBundle } from "./bundle.ts";
import { certificatePem } from "./certificate.ts";
import { preAuthEncoding } from "./envelope.ts";
import { findVerified } from "./find-verified.ts";
import type { Signature, Signer } from "./signer.ts";
import { statementMediaType } from "./statement.ts";
import type { StorageForm } from "./storage/candidate.ts";
import { layerAnnotations } from "./storage/tag.ts";
import { writeBundle, writeEmptyConfig } from "./storage/write-bundle.ts";
import type { CandidateContent } from "./verify-candidate.ts";
import { collectTestimony, type Testimony } from "./witness.ts";

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
  readonly testimony: Testimony;
}

/** Signs a statement's bytes as an envelope does. */
export async function signStatement(payload: Uint8Array, signer: Signer, call: Call): Promise<SignedStatement> {
  const signedBytes = preAuthEncoding(statementMediaType, payload);
  const signature = await signer.sign(signedBytes, call);
  const envelope = { payloadType: statementMediaType, payload };
  const testimony = await collectTestimony(signer.witnesses ?? [], { signedBytes, signature, envelope }, call);
  return { payload, signature, testimony };
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

/** Attaches a statement as a bundle unless the same one by the same key, as well witnessed, is there. */
export async function attachBundle(store: ArtifactStore, options: AttachBundleOptions): Promise<AttachedRecord> {
  const { subject, predicateType, created, create, signal, onProgress } = options;
  const record = { form: "bundle", subject: subject.digest, repository: store.repository } as const;
  const present = await findPresent(store, options);
  if (present !== undefined) return { ...record, state: "present", manifest: present };
  // Whoever may not write here is told before a log makes the signature public.
  if ((options.signer.witnesses ?? []).length > 0) await writeEmptyConfig(store, { signal, onProgress });
  const { payload, signature, testimony } = await create();
  const envelope = { payloadType: statementMediaType, payload, signature: signature.bytes };
  const bundle = encodeBundle({ signed: { envelope }, material: signature.material, testimony });
  try {
    const manifest = await writeBundle(store, bundle, { subject, predicateType, created, signal, onProgress });
    return { ...record, state: "written", manifest: manifest.digest };
  } catch (error) {
    if (!hasCode(error, "REGISTRY_REFUSED")) throw error;
    throw new AttachmentError(error, { bundle, subject: subject.digest });
  }
}

/** A signature that was made and that the place refuses to store: it is here, to be kept elsewhere. */
export class AttachmentError extends ScError {
  /** The signed bundle. */
  readonly bundle: Uint8Array;
  /** What it is about. */
  readonly subject: Digest;

  constructor(refused: ScError, { bundle, subject }: { readonly bundle: Uint8Array; readonly subject: Digest }) {
    super("ATTACHMENT_REFUSED", `${refused.message}: the signature is made and not stored as a bundle`, {
      cause: refused,
      facts: refused.facts,
    });
    this.bundle = bundle;
    this.subject = subject;
  }
}

// A signer without a key of its own signs with a new one each time: nothing earlier can be told to be its.
async function findPresent(
  store: ArtifactStore,
  { subject, predicateType, signer, isSame, signal, onProgress }: AttachBundleOptions,
): Promise<Digest | undefined> {
  if (signer.publicKey === undefined) return undefined;
  const policy = { keys: [signer.publicKey] };
  const { accepted } = await findVerified(store, {
    wanted: { subject: subject.digest, predicateTypes: [predicateType], policy, repository: store.repository },
    suffix: "sig",
    storage: "bundle",
    all: true,
    signal,
    onProgress,
  });
  // What was signed without a witness is not yet what is asked for with one.
  const witnesses = signer.witnesses?.length ?? 0;
  return accepted.find(({ content }) => isSame(content) && (content.testimonies ?? 0) >= witnesses)?.manifest;
}

/**
 * The annotations that say by whom a layer is signed, and when. Throws `TAG_FORM_IMPOSSIBLE` for a signature by
 * identity that no log promised a time for: this form holds no proofs.
 */
export function materialAnnotations({ material }: Signature, testimony: Testimony): Readonly<Record<string, string>> {
  const promised = testimony.logEntries.find((entry) => entry["inclusionPromise"] !== undefined);
  const logged = promised === undefined ? {} : { [layerAnnotations.logEntry]: rekorBundle(promised) };
  if (material.kind === "key") return logged;
  if (promised === undefined) {
    throw new ScError("TAG_FORM_IMPOSSIBLE", "signature by identity: no log promised a time for it", {
      hint: "Store it as a bundle, or use a log of version 1.",
    });
  }
  return { [layerAnnotations.certificate]: certificatePem(material.certificate), ...logged };
}

function rekorBundle(entry: JsonObject): string {
  const at = new Decoder(entry, "log entry");
  const Payload = {
    body: at.member("canonicalizedBody").string(),
    integratedTime: Number(at.member("integratedTime").string()),
    logIndex: Number(at.member("logIndex").string()),
    logID: Buffer.from(at.member("logId").member("keyId").string(), "base64").toString("hex"),
  };
  const SignedEntryTimestamp = at.member("inclusionPromise").member("signedEntryTimestamp").string();
  return JSON.stringify({ SignedEntryTimestamp, Payload });
}
