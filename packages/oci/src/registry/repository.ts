import type {
  Call,
  Descriptor,
  Digest,
  FetchBlobOptions,
  ManifestContent,
  PushManifestOptions,
  ReferrersOptions,
} from "@sc/model";
import type { CredentialTarget } from "../credentials/credential.ts";
import type { ImageDestination, OpenBlobOptions } from "../source.ts";
import { checkRepository, registryUrl } from "./address.ts";
import { deleteManifest, pushManifest } from "./attach.ts";
import { fetchBlob, hasBlob, openBlob } from "./blobs.ts";
import { fetchManifest, resolveManifest } from "./manifests.ts";
import { listReferrers } from "./referrers.ts";
import type { Repository } from "./request.ts";
import { type RegistryOptions, RegistrySession } from "./session.ts";
import { listTags } from "./tags.ts";
import { mountBlob, pushBlob, writeBlob } from "./upload.ts";

/** How a repository is opened. */
export interface OpenRegistryOptions extends RegistryOptions {
  /** A session to share with other repositories: then the other options are the session's own, and it stays open. */
  readonly session?: RegistrySession;
}

/**
 * One repository of a registry, to read from and to write to. Nothing is asked before it is needed, so a repository
 * that does not exist is found out by the first use. Throws `REFERENCE_INVALID`, `PROXY_INVALID`.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function openRegistry(target: CredentialTarget, options: OpenRegistryOptions = {}): ImageDestination {
  const { session, ...own } = options;
  return new RegistryRepository(target, { session: session ?? new RegistrySession(own), owned: session === undefined });
}

class RegistryRepository implements ImageDestination {
  readonly scheme = "registry";
  readonly staged = false;
  readonly repository: string;
  readonly #repository: Repository;
  readonly #owned: boolean;

  constructor(
    target: CredentialTarget,
    { session, owned }: { readonly session: RegistrySession; readonly owned: boolean },
  ) {
    this.repository = `${target.registry}/${target.repository}`;
    this.#owned = owned;
    this.#repository = {
      session,
      registry: target.registry,
      name: checkRepository(target.repository),
      base: registryUrl(target.registry, session.options),
      seen: { readable: false, stored: undefined, pushed: new Set() },
    };
  }

  async resolve(reference: string, call?: Call): Promise<Descriptor | undefined> {
    return await resolveManifest(this.#repository, reference, call);
  }

  async fetchManifest(reference: string, call?: Call): Promise<ManifestContent | undefined> {
    return await fetchManifest(this.#repository, reference, call);
  }

  async fetchBlob(descriptor: Descriptor, options: FetchBlobOptions): Promise<Uint8Array> {
    return await fetchBlob(this.#repository, descriptor, options);
  }

  async openBlob(descriptor: Descriptor, options?: OpenBlobOptions): Promise<AsyncIterable<Uint8Array>> {
    return await openBlob(this.#repository, descriptor, options);
  }

  async listTags(call?: Call): Promise<readonly string[]> {
    return await listTags(this.#repository, call);
  }

  async listReferrers(subject: Digest, options?: ReferrersOptions): Promise<readonly Descriptor[]> {
    return await listReferrers(this.#repository, subject, options);
  }

  async hasBlob(descriptor: Descriptor, call?: Call): Promise<boolean> {
    return await hasBlob(this.#repository, descriptor, call);
  }

  async pushBlob(bytes: Uint8Array, mediaType: string, call: Call = {}): Promise<Descriptor> {
    return await pushBlob(this.#repository, bytes, { mediaType, call });
  }

  async writeBlob(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, call: Call = {}): Promise<void> {
    await writeBlob(this.#repository, descriptor, { content, call });
  }

  async mountBlob(descriptor: Descriptor, fromRepository: string, call: Call = {}): Promise<boolean> {
    return await mountBlob(this.#repository, descriptor, { from: checkRepository(fromRepository), call });
  }

  async pushManifest(bytes: Uint8Array, mediaType: string, options?: PushManifestOptions): Promise<Descriptor> {
    return await pushManifest(this.#repository, { bytes, mediaType }, options);
  }

  async deleteManifest(reference: string, call?: Call): Promise<void> {
    await deleteManifest(this.#repository, reference, call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owned) await this.#repository.session[Symbol.asyncDispose]();
  }
}
