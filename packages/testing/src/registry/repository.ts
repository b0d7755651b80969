/** A manifest as it was stored: its bytes are never looked into again. */
export interface StoredManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** One repository's content, by digest, in the order it came. */
export interface Repository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
  readonly uploads: Map<string, Uint8Array[]>;
}

/** Every repository of a registry. */
export type Repositories = Map<string, Repository>;

/** The repository of that name, made when there is none. */
export function openRepository(repositories: Repositories, name: string): Repository {
  const known = repositories.get(name);
  if (known !== undefined) return known;
  const made: Repository = { blobs: new Map(), manifests: new Map(), tags: new Map(), uploads: new Map() };
  repositories.set(name, made);
  return made;
}

/** What a test reads and breaks a manifest as: any JSON object. */
export interface ManifestDocument {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: ManifestChild;
  readonly layers?: readonly ManifestChild[];
  readonly manifests?: readonly ManifestChild[];
  readonly subject?: ManifestChild;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A descriptor inside a manifest. */
export interface ManifestChild {
  readonly mediaType?: string;
  readonly digest?: string;
  readonly size?: number;
  readonly urls?: readonly string[];
}

/** The manifest that bytes hold, or `undefined` when they are not a JSON object. */
export function readManifest(bytes: Uint8Array): ManifestDocument | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
