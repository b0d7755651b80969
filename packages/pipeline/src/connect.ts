import type { HttpClient } from "@sc/http";
import { type Call, type Descriptor, ScError } from "@sc/model";
import {
  formatReference,
  type ImageDestination,
  type ImageSource,
  openDestination,
  openRegistry,
  openSource,
  parseReference,
  type Reference,
  type RegistryOptions,
  RegistrySession,
} from "@sc/oci";
import type { KeptContent } from "./kept-content.ts";
import { RememberedRepository, RepositoryMemory } from "./remembered-repository.ts";

/** How the outside world is reached. */
export interface ConnectOptions {
  /** How registries are asked: plain http, TLS, proxies, credentials. */
  readonly registry?: Omit<RegistryOptions, "client">;
  /** A socket attempt is an error, whoever makes it. */
  readonly offline?: boolean;
  /**
   * Another connection, whose sockets and tokens are used, and which must outlive this one: of a repository nothing is
   * asked twice then, until something is written to it. For the steps of one run about one image.
   */
  readonly remembering?: Connection;
  /** Beside `remembering`: content that goes by its digest is not asked for again where an earlier run has read it. */
  readonly kept?: KeptContent | undefined;
}

/** What every function of this package takes besides its own: a way to stop, to watch, and the connection to use. */
export interface PipelineCall extends Call {
  /** Shared between calls, with its sockets and tokens. Without one the call opens its own and closes it. */
  readonly connection?: Connection | undefined;
}

/** A place that was opened, with the reference that named it. */
export interface Place<Opened> extends AsyncDisposable {
  readonly reference: Reference;
  /** The reference in full, as it stands in results. */
  readonly name: string;
  readonly at: Opened;
}

/** The one place that opens registries, layouts and archives. What is open is closed with it. */
export class Connection implements AsyncDisposable {
  readonly #session: RegistrySession;
  /** By name, where what was read of a repository is not asked for again. */
  readonly #repositories: Map<string, ImageDestination> | undefined;
  readonly #kept: KeptContent | undefined;

  constructor(options: ConnectOptions = {}) {
    const { registry = {}, offline = false, remembering, kept } = options;
    this.#session =
      remembering === undefined
        ? new RegistrySession(offline ? { ...registry, http: { ...registry.http, offline } } : registry)
        : remembering.#session;
    this.#repositories = remembering === undefined ? undefined : new Map();
    this.#kept = kept;
  }

  /** The client that everything of this connection goes through, for services beside registries. */
  get client(): HttpClient {
    return this.#session.http;
  }

  /** The place a text names, to read from. Throws `REFERENCE_INVALID` and what `openSource` throws. */
  async openSource(text: string, call: Call = {}): Promise<Place<ImageSource>> {
    const reference = parseReference(text);
    const { signal, onProgress } = call;
    const registry = { session: this.#session };
    const known = this.#remembered(reference);
    return placeOf(reference, known ?? (await openSource(reference, { registry, signal, onProgress })));
  }

  /** The place a text names, to write to. Throws `REFERENCE_INVALID` and what `openDestination` throws. */
  async openDestination(text: string, call: Call = {}): Promise<Place<ImageDestination>> {
    const reference = parseReference(text);
    const { signal, onProgress } = call;
    const registry = { session: this.#session };
    const known = this.#remembered(reference);
    return placeOf(reference, known ?? (await openDestination(reference, { registry, signal, onProgress })));
  }

  // Lent to everybody who opens it: the session is not its own to close.
  #remembered(reference: Reference): ImageDestination | undefined {
    if (this.#repositories === undefined || reference.scheme !== "registry") return undefined;
    const name = `${reference.registry}/${reference.repository}`;
    const known = this.#repositories.get(name);
    if (known !== undefined) return known;
    const opened = openRegistry(reference, { session: this.#session });
    const remembered = new RememberedRepository(opened, new RepositoryMemory(this.#kept));
    this.#repositories.set(name, remembered);
    return remembered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#repositories === undefined) await this.#session[Symbol.asyncDispose]();
  }
}

function placeOf<Opened extends AsyncDisposable>(reference: Reference, at: Opened): Place<Opened> {
  return {
    reference,
    name: formatReference(reference),
    at,
    [Symbol.asyncDispose]: async () => await at[Symbol.asyncDispose](),
  };
}

/** Runs work with the call's connection, or with one of its own that is closed afterwards. */
export async function withConnection<Value>(
  call: PipelineCall,
  work: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  if (call.connection !== undefined) return await work(call.connection);
  await using connection = new Connection();
  return await work(connection);
}

/**
 * What the reference of a place names there: resolved once, so that everything after goes by its digest. Throws
 * `IMAGE_NOT_FOUND`.
 */
export async function resolveTarget(place: Place<ImageSource>, call: Call): Promise<Descriptor> {
  const { reference, at, name } = place;
  const { signal, onProgress } = call;
  const named = "digest" in reference || "tag" in reference ? (reference.digest ?? reference.tag) : undefined;
  if (named === undefined && at.resolveOnly !== undefined) return await at.resolveOnly({ signal, onProgress });
  const found = named === undefined ? undefined : await at.resolve(named, { signal, onProgress });
  if (found !== undefined) return found;
  throw new ScError("IMAGE_NOT_FOUND", `${name}: there is no such image`);
}
