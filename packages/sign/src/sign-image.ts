import { type ArtifactStore, attachedTag, type Call, type Descriptor, digestOf, hasCode, ScError } from "@sc/model";
import {
  type AttachedRecord,
  attachBundle,
  materialAnnotations,
  type SignedStatement,
  signStatement,
  type StorageChoice,
} from "./attach.ts";
import { attachForms } from "./attach-forms.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { signPredicate } from "./predicates/sign.ts";
import { matchSignature } from "./public-key.ts";
import type { Signer } from "./signer.ts";
import { encodeSimpleSigning, simpleSigningMediaType } from "./simple-signing.ts";
import { encodeStatement } from "./statement.ts";
import { layerAnnotations, type TaggedManifest } from "./storage/tag.ts";
import { appendLayer, type NewLayer } from "./storage/write-tag.ts";
import { collectTestimony } from "./witness.ts";

/** How an image is signed. */
export interface SignImageOptions extends Call {
  /** Both forms by default. */
  readonly storage?: StorageChoice;
  /** What the signature says besides, `-a key=value`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * The image's repository as the signature names it, without a tag; the store's own by default. Says where the image
   * is when its signatures are kept in another repository.
   */
  readonly imageRepository?: string;
  /** The present. */
  readonly now?: Date;
}

/**
 * Signs an image and stores the signature as a bundle among its referrers and under cosign's `.sig` tag. Signing again
 * with the same key and the same annotations adds nothing and says so, unless more witnesses are to be shown it now. `image` is what a reference was resolved to.
 *
 * Throws `ATTACHMENT_CONFLICT`, `ATTACHMENT_INVALID`, and what the store and the signer throw. The forms are written
 * one after the other, the bundle first; `onProgress` tells of each.
 */
export async function signImage(
  store: ArtifactStore,
  image: Descriptor,
  signer: Signer,
  options: SignImageOptions = {},
): Promise<readonly AttachedRecord[]> {
  const { storage = "both", annotations = {}, imageRepository = store.repository } = options;
  if (Object.hasOwn(annotations, "")) throw new ScError("POLICY_INVALID", "annotation: the name is empty");
  const { signal, onProgress } = options;
  const payload = encodeSimpleSigning({ dockerReference: imageRepository, digest: image.digest, annotations });
  const layer = new LayerSigning(payload, signer, { signal, onProgress });
  const signing: Signing = { signer, annotations, options, layer };
  return await attachForms(
    { bundle: () => signAsBundle(store, image, signing), tag: () => signAsTag(store, image, signing) },
    { image: `${store.repository}@${image.digest}`, storage, onProgress },
  );
}

interface Signing {
  readonly signer: Signer;
  readonly annotations: Readonly<Record<string, string>>;
  readonly options: SignImageOptions;
  readonly layer: LayerSigning;
}

/** The signature of the tag form, made once and when it is known to be needed. */
class LayerSigning {
  readonly payload: Uint8Array;
  readonly #signer: Signer;
  readonly #call: Call;
  #made: NewLayer | undefined;
  #impossible: ScError | undefined;

  constructor(payload: Uint8Array, signer: Signer, call: Call) {
    this.payload = payload;
    this.#signer = signer;
    this.#call = call;
  }

  /**
   * Makes the layer beside the bundle, before either is stored, so that a service which fails in between leaves nothing
   * half attached. Where the bundle's own testimony shows that this form is impossible, nobody is asked again.
   */
  async prepare({ signature, testimony }: SignedStatement): Promise<void> {
    const { publicKey, witnesses = [] } = this.#signer;
    if (publicKey !== undefined && witnesses.length === 0) return;
    try {
      materialAnnotations(signature, testimony);
    } catch (error) {
      if (!hasCode(error, "TAG_FORM_IMPOSSIBLE")) throw error;
      this.#impossible = error;
      return;
    }
    await this.create();
  }

  /** Whether the layer was made beside a new bundle and a log promised a time for it: one without is then not the same. */
  get isPromised(): boolean {
    return this.#made?.annotations[layerAnnotations.logEntry] !== undefined;
  }

  async create(): Promise<NewLayer> {
    if (this.#impossible !== undefined) throw this.#impossible;
    this.#made ??= await this.#sign();
    return this.#made;
  }

  async #sign(): Promise<NewLayer> {
    const signature = await this.#signer.sign(this.payload, this.#call);
    const shown = { signedBytes: this.payload, signature };
    const testimony = await collectTestimony(this.#signer.witnesses ?? [], shown, this.#call);
    const text = encodeBase64(signature.bytes);
    const annotations = { [layerAnnotations.signature]: text, ...materialAnnotations(signature, testimony) };
    return { bytes: this.payload, mediaType: simpleSigningMediaType, annotations };
  }
}

async function signAsBundle(store: ArtifactStore, image: Descriptor, signing: Signing): Promise<AttachedRecord> {
  const { signer, annotations, options, layer } = signing;
  const { now = new Date(), storage = "both", signal, onProgress } = options;
  const predicateType = signPredicate.uri;
  const payload = encodeStatement({ subject: image.digest, annotations, predicateType, predicate: {} });
  return await attachBundle(store, {
    subject: image,
    predicateType,
    created: now,
    signer,
    isSame: (content) => digestOf(content.payload) === digestOf(payload),
    create: async () => {
      const signed = await signStatement(payload, signer, { signal, onProgress });
      if (storage === "both") await layer.prepare(signed);
      return signed;
    },
    signal,
    onProgress,
  });
}

async function signAsTag(store: ArtifactStore, image: Descriptor, signing: Signing): Promise<AttachedRecord> {
  const { signer, options, layer } = signing;
  const { signal, onProgress } = options;
  const tag = attachedTag(image.digest, "sig");
  const { manifest, state } = await appendLayer(store, {
    tag,
    isPresent: (tagged) => Promise.resolve(isSigned(tagged, layer, signer)),
    create: () => layer.create(),
    signal,
    onProgress,
  });
  const { repository } = store;
  return { form: "tag", state, manifest: manifest.digest, subject: image.digest, repository, tag };
}

function isSigned({ manifest }: TaggedManifest, { payload, isPromised }: LayerSigning, { publicKey }: Signer): boolean {
  if (publicKey === undefined) return false;
  const digest = digestOf(payload);
  return manifest.layers.some((layer) => {
    const text = layer.digest === digest ? layer.annotations?.[layerAnnotations.signature] : undefined;
    if (text === undefined) return false;
    if (isPromised && layer.annotations?.[layerAnnotations.logEntry] === undefined) return false;
    try {
      return matchSignature(publicKey.key, payload, decodeBase64(text, tagWhere)) !== undefined;
    } catch {
      // What is not even base64 is not this signature.
      return false;
    }
  });
}

const tagWhere = "signature annotation";
