import { type Digest, digestAlgorithm, digestHex, digestOf, type ProgressListener } from "@sc/model";
import { CacheFolder } from "./cache-folder.ts";
import { decodeLayerRecord, decodeLinkedFacts, encodeLayerRecord, encodeLinkedFacts } from "./cache-format.ts";
import type { FileReader } from "./file-reader.ts";
import type { LayerSource } from "./layer.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import { contentAlgorithmOf, type LayerWalker, type LayerWalkerOptions } from "./layer-walker.ts";

/** Raised whenever a file means something else: older files are then never found. */
const formatVersion = 2;
const magic = "sc-layer-facts\n";

/** Where facts of layers are kept between runs. */
export interface LayerCacheOptions extends LayerWalkerOptions {
  /** Made with mode 0700 when it is missing; not used when others may write to it. */
  readonly directory: string;
  readonly onProgress: ProgressListener | undefined;
}

/**
 * A walker that keeps what another one read, in one file for each layer and set of readers.
 *
 * The name of a file comes from the digest of the layer's descriptor, which the manifest pins, from the versions of the
 * readers and from the limits; never from a diffID, which an image merely claims. Files are written beside and renamed,
 * so that processes can share a directory; one that is damaged is not used and a notice says so.
 */
export class CachingWalker implements LayerWalker {
  readonly #walker: LayerWalker;
  readonly #readers: readonly FileReader<unknown>[];
  readonly #options: LayerCacheOptions;
  /** Digests of layers of which no byte was read. */
  readonly hits: Set<Digest> = new Set();
  readonly #folder: CacheFolder;

  constructor(walker: LayerWalker, readers: readonly FileReader<unknown>[], options: LayerCacheOptions) {
    this.#walker = walker;
    this.#readers = readers;
    this.#options = options;
    const { directory, onProgress, limits } = options;
    this.#folder = new CacheFolder({
      directory,
      name: "layer cache",
      magic,
      maxBytes: limits.maxCacheBytes,
      onProgress,
    });
  }

  async layer(layer: LayerSource): Promise<LayerRecord> {
    const { digest } = layer.descriptor;
    const name = this.#nameOf({ digest });
    const algorithm = contentAlgorithmOf(layer, this.#options);
    const record = this.#folder.load(name, (bytes) => decodeLayerRecord(bytes, digest));
    const hashed = record?.contentDigest === undefined ? undefined : digestAlgorithm(record.contentDigest);
    if (record !== undefined && (algorithm === undefined || algorithm === hashed)) {
      this.hits.add(digest);
      layer.onKnown?.();
      return record;
    }
    const read = await this.#walker.layer(layer);
    await this.#folder.store(name, encodeLayerRecord(read));
    return read;
  }

  async linked(layer: LayerSource, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]> {
    const { digest } = layer.descriptor;
    const name = this.#nameOf({ digest, reads });
    const facts = this.#folder.load(name, decodeLinkedFacts);
    if (facts !== undefined) return facts;
    this.hits.delete(digest);
    const read = await this.#walker.linked(layer, reads);
    await this.#folder.store(name, encodeLinkedFacts(read));
    return read;
  }

  #nameOf(what: { readonly digest: Digest; readonly reads?: readonly LinkedRead[] }): string {
    const readers = this.#readers.map(({ id, version }) => `${id}@${version}`).toSorted();
    const { limits } = this.#options;
    return `${digestHex(digestOf(JSON.stringify([formatVersion, what, readers, limits])))}.facts`;
  }
}
