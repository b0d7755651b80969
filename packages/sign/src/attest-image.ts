import {
  type ArtifactStore,
  attachedTag,
  type Call,
  canonicalJson,
  type Descriptor,
  digestOf,
  type JsonObject,
} from "@sc/model";
import {
  type AttachedRecord,
  attachBundle,
  materialAnnotations,
  type SignedStatement,
  signStatement,
  type StorageChoice,
} from "./attach.ts";
import { attachForms } from "./attach-forms.ts";
import { envelopeMediaType } from "./envelope.ts";
import { findVerified } from "./find-verified.ts";
import { resolvePredicateType } from "./resolve-predicate-type.ts";
import type { Signer } from "./signer.ts";
import { decodeStatement, encodeStatement, encodeTagEnvelope } from "./statement.ts";
import { layerAnnotations } from "./storage/tag.ts";
import { appendLayer } from "./storage/write-tag.ts";

/** How an image is attested. */
export interface AttestImageOptions extends Call {
  /** The name of a predicate type or its URI. */
  readonly type: string;
  readonly predicate: JsonObject | string;
  /** Both forms by default. */
  readonly storage?: StorageChoice;
  /** The image's repository as the statement names it; the store's own by default. */
  readonly imageRepository?: string;
  /** The present. */
  readonly now?: Date;
}

/**
 * Attests a predicate about an image: signs one statement and stores it as a bundle among the image's referrers and
 * under cosign's `.att` tag. The same statement by the same key is not stored twice, and that is said. Throws
 * `PREDICATE_INVALID`, `ATTACHMENT_CONFLICT`, `ATTACHMENT_INVALID`, and what the store and the signer throw.
 */
export async function attestImage(
  store: ArtifactStore,
  image: Descriptor,
  signer: Signer,
  options: AttestImageOptions,
): Promise<readonly AttachedRecord[]> {
  const {
    type,
    predicate,
    storage = "both",
    imageRepository = store.repository,
    now = new Date(),
    signal,
    onProgress,
  } = options;
  const call: Call = { signal, onProgress };
  const predicateType = resolvePredicateType(type).uri;
  const payload = encodeStatement({ subject: image.digest, name: imageRepository, predicateType, predicate });
  let signed: Promise<SignedStatement> | undefined;
  const create = (): Promise<SignedStatement> => (signed ??= signStatement(payload, signer, call));
  const isSame = (content: { readonly payload: Uint8Array }): boolean => isSamePayload(content.payload, payload);
  const attached = { subject: image, predicateType, created: now, signer, isSame, create, ...call };
  return await attachForms(
    {
      bundle: () => attachBundle(store, attached),
      tag: () => attestAsTag(store, image, { payload, predicateType, signer, create, call }),
    },
    { image: `${store.repository}@${image.digest}`, storage, onProgress },
  );
}

interface TagAttestation {
  readonly payload: Uint8Array;
  readonly predicateType: string;
  readonly signer: Signer;
  readonly create: () => Promise<SignedStatement>;
  readonly call: Call;
}

async function attestAsTag(
  store: ArtifactStore,
  image: Descriptor,
  { payload, predicateType, signer, create, call }: TagAttestation,
): Promise<AttachedRecord> {
  const tag = attachedTag(image.digest, "att");
  const { repository } = store;
  const { publicKey } = signer;
  const { manifest, state } = await appendLayer(store, {
    tag,
    isPresent: async (tagged) => {
      if (publicKey === undefined) return false;
      const { accepted } = await findVerified(store, {
        wanted: { subject: image.digest, predicateTypes: [predicateType], policy: { keys: [publicKey] }, repository },
        suffix: "att",
        storage: "tag",
        all: true,
        tagged,
        ...call,
      });
      return accepted.some(({ content }) => isSamePayload(content.payload, payload));
    },
    create: async () => {
      const { signature, testimony } = await create();
      return {
        bytes: encodeTagEnvelope({ payload, signature: signature.bytes }),
        mediaType: envelopeMediaType,
        annotations: {
          [layerAnnotations.signature]: "",
          [layerAnnotations.predicateType]: predicateType,
          ...materialAnnotations(signature, testimony),
        },
      };
    },
    ...call,
  });
  return { form: "tag", state, manifest: manifest.digest, subject: image.digest, repository, tag };
}

// The same statement may have been written with its members in another order.
function isSamePayload(left: Uint8Array, right: Uint8Array): boolean {
  if (digestOf(left) === digestOf(right)) return true;
  const [one, other] = [left, right].map((payload) => {
    const { predicate, subjects } = decodeStatement(payload, "statement");
    return canonicalJson({ predicate, names: subjects.map(({ name = "" }) => name) });
  });
  return one === other;
}
