import { createHttpClient, type HttpClient } from "@sc/http";
import type { ImageDestination } from "@sc/oci";
import {
  createKeylessSigner,
  createRekorWitness,
  createTimestampWitness,
  decodeTrustRoot,
  type IdentityPolicy,
  type Signer,
  signImage,
  type SignerPolicy,
  verifyBundle,
  type Witness,
} from "@sc/sign";
import { startRegistry, startSigstore, type TestRegistry, type TestSigstore } from "@sc/testing";
import { image, newKey, openImages, outcomeOf } from "./sign-support.ts";

/** Who signs in these tests. */
export const signerIdentity = {
  subject: "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main",
  issuer: "https://token.actions.githubusercontent.com",
} satisfies IdentityPolicy;

/** The extension of a certificate that names the identity provider. */
export const issuerExtension = { oid: "1.3.6.1.4.1.57264.1.8", value: signerIdentity.issuer };

/** A log entry, as bundles hold it, to be changed. */
export type StoredEntry = Record<string, unknown> & {
  inclusionProof: {
    logIndex: string;
    rootHash: string;
    treeSize: string;
    hashes: string[];
    checkpoint: { envelope: string };
  };
};

/** A bundle as it is stored, to be changed. */
export interface StoredBundle {
  mediaType: string;
  verificationMaterial: Record<string, unknown> & { tlogEntries: StoredEntry[] };
  dsseEnvelope: { payload: string; signatures: { sig: string }[] };
}

/** Real authorities, a registry and a client for one file of tests. */
export class Authorities implements AsyncDisposable {
  readonly sigstore: TestSigstore;
  readonly registry: TestRegistry;
  readonly client: HttpClient;
  readonly #stores: ImageDestination[] = [];

  constructor(sigstore: TestSigstore, registry: TestRegistry) {
    this.sigstore = sigstore;
    this.registry = registry;
    this.client = createHttpClient();
  }

  static async start(options: Parameters<typeof startSigstore>[0] = {}): Promise<Authorities> {
    return new Authorities(await startSigstore(options), await startRegistry());
  }

  rekor(version: 1 | 2): Witness {
    return createRekorWitness({ url: this.sigstore.origin, client: this.client, version });
  }

  timestamps(): Witness {
    return createTimestampWitness({ url: this.sigstore.origin, client: this.client });
  }

  keyless(witnesses: readonly Witness[]): Signer {
    const { subject, issuer } = signerIdentity;
    const claims = { iss: issuer, sub: "repo:acme/api", job_workflow_ref: subject, aud: "sigstore" };
    const token = this.sigstore.issuer.issue(claims);
    const { client } = this;
    return createKeylessSigner({
      identityToken: () => Promise.resolve(token),
      fulcioUrl: this.sigstore.origin,
      client,
      witnesses,
    });
  }

  /** A signer with a certificate that was issued as it was wished. */
  async certified(wish: object, witnesses: readonly Witness[]): Promise<Signer> {
    const key = newKey();
    const certificate = await this.sigstore.issueCertificate({
      publicKey: key.publicKey.key,
      subject: signerIdentity.subject,
      extensions: [issuerExtension],
      ...wish,
    });
    return {
      witnesses,
      sign: async (payload, call) => {
        const { bytes } = await key.signer.sign(payload, call);
        return { bytes, material: { kind: "certificate", certificate } };
      },
    };
  }

  /** A repository with the images, of its own. */
  newStore(): { readonly store: ImageDestination; readonly name: string } {
    const name = `acme/a${this.#stores.length}`;
    const store = openImages(this.registry, name);
    this.#stores.push(store);
    return { store, name };
  }

  /** The bundle that a signer makes of the image. */
  async bundleBy(signer: Signer): Promise<StoredBundle> {
    const { store, name } = this.newStore();
    await signImage(store, image, signer, { storage: "bundle" });
    for (const bytes of this.registry.repository(name).blobs.values()) {
      const text = Buffer.from(bytes).toString();
      if (text.includes("sigstore.bundle")) return JSON.parse(text);
    }
    throw new TypeError("no bundle was stored");
  }

  /** The trust root with members laid over its JSON by a function. */
  policy(change: (root: TrustedRootJson) => void = () => undefined, members: Partial<SignerPolicy> = {}): SignerPolicy {
    const root: TrustedRootJson = JSON.parse(Buffer.from(this.sigstore.trustedRoot).toString());
    change(root);
    const trustRoot = decodeTrustRoot(Buffer.from(JSON.stringify(root)), "test root");
    return { identities: [signerIdentity], trustRoot, ...members };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores) await store[Symbol.asyncDispose]();
    await this.client[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
    await this.sigstore[Symbol.asyncDispose]();
  }
}

/** As much of a trusted root's JSON as tests change. */
export interface TrustedRootJson {
  tlogs: Record<string, unknown>[];
  ctlogs: Record<string, unknown>[];
  certificateAuthorities: Record<string, unknown>[];
  timestampAuthorities: Record<string, unknown>[];
}

/** What comes of verifying a bundle about the image. */
export function verdictOn(bundle: object, by: SignerPolicy): Promise<string> {
  return outcomeOf(() => verifyBundle(Buffer.from(JSON.stringify(bundle)), { digest: image.digest }, by));
}

/** A copy of a bundle with a change. */
export function changedBundle(bundle: StoredBundle, change: (copy: StoredBundle) => void): StoredBundle {
  const copy = structuredClone(bundle);
  change(copy);
  return copy;
}
