import { type Call, type Descriptor, type Digest, hasCode, type Platform } from "@sc/model";
import { type DecodedManifest, fetchDecoded, resolveManifest } from "./image.ts";
import type { Manifest } from "./manifest.ts";
import { isManifestMediaType } from "./media-type.ts";
import { fetchAttached, fetchReferrers, GraphBounds } from "./referrers.ts";
import { formatReference, type Reference } from "./reference.ts";
import type { ImageSource } from "./source.ts";

/** A manifest with everything below it and everything that is about it. Plain data. */
export interface ImageTree {
  readonly descriptor: Descriptor;
  /** Why it is here: the reference names it, an index lists it, it has a subject, or a tag attaches it. */
  readonly relation: "root" | "entry" | "referrer" | "attached";
  /** The tag that attaches it. */
  readonly tag?: string;
  readonly platform?: Platform;
  /** What the manifest says; absent when it is listed but not there, or of a type that is not read here. */
  readonly manifest?: Manifest;
  /** What an index lists. */
  readonly entries: readonly ImageTree[];
  readonly referrers: readonly ImageTree[];
  /** What cosign before version 3 attached. */
  readonly attached: readonly ImageTree[];
}

/**
 * Everything a reference stands for: the index, its manifests, their referrers and theirs, and what tags attach.
 *
 * A manifest that comes up a second time is shown without what is below it. Throws `IMAGE_NOT_FOUND`,
 * `IMAGE_AMBIGUOUS`, `GRAPH_TOO_LARGE` and what `decodeManifest` throws.
 */
export async function readImageTree(source: ImageSource, reference: Reference, call: Call = {}): Promise<ImageTree> {
  const root = await resolveManifest(source, reference, call);
  return new TreeReader(source, formatReference(reference), call).read(root, { relation: "root", depth: 0 });
}

interface Place {
  readonly relation: ImageTree["relation"];
  readonly tag?: string;
  /** How many steps from subject to referrer lie above. */
  readonly depth: number;
}

class TreeReader {
  readonly #source: ImageSource;
  readonly #where: string;
  readonly #call: Call;
  readonly #bounds: GraphBounds;

  constructor(source: ImageSource, where: string, call: Call) {
    this.#source = source;
    this.#where = where;
    this.#call = call;
    this.#bounds = new GraphBounds(where);
  }

  async read(found: DecodedManifest, place: Place): Promise<ImageTree> {
    const { descriptor, manifest } = found;
    const leaf = { ...describe(descriptor, place), manifest };
    if (!this.#bounds.enter(descriptor, place.depth)) return leaf;
    const entries: ImageTree[] = [];
    if (manifest.kind === "index") {
      for (const entry of manifest.manifests) entries.push(await this.#readEntry(entry, place.depth));
    }
    return { ...leaf, entries, ...(await this.#readAbout(descriptor.digest, place)) };
  }

  // Each question is a request. Nobody signs a signature, and what refers to an image is not signed by tags.
  async #readAbout(
    digest: Digest,
    { relation, tag, depth }: Place,
  ): Promise<Pick<ImageTree, "referrers" | "attached">> {
    const referrers: ImageTree[] = [];
    const attached: ImageTree[] = [];
    const isSignature = relation === "attached" && tag?.endsWith(".sbom") !== true;
    if (isSignature) return { referrers, attached };
    for (const referrer of await fetchReferrers(this.#source, digest, this.#call)) {
      referrers.push(await this.read(referrer, { relation: "referrer", depth: depth + 1 }));
    }
    if (relation === "referrer") return { referrers, attached };
    for (const { tag: name, ...decoded } of await fetchAttached(this.#source, digest, this.#call)) {
      attached.push(await this.read(decoded, { relation: "attached", tag: name, depth: depth + 1 }));
    }
    return { referrers, attached };
  }

  // Mirrors often hold an index without all of its platforms; a tree shows what is there and what is not.
  async #readEntry(descriptor: Descriptor, depth: number): Promise<ImageTree> {
    const place: Place = { relation: "entry", depth };
    if (!isManifestMediaType(descriptor.mediaType)) return describe(descriptor, place);
    try {
      return await this.read(
        await fetchDecoded(this.#source, descriptor, { where: this.#where, call: this.#call }),
        place,
      );
    } catch (cause) {
      if (hasCode(cause, "MANIFEST_NOT_FOUND")) return describe(descriptor, place);
      throw cause;
    }
  }
}

function describe(descriptor: Descriptor, place: Place): ImageTree {
  const { platform } = descriptor;
  return {
    descriptor,
    relation: place.relation,
    ...(place.tag === undefined ? {} : { tag: place.tag }),
    ...(platform === undefined ? {} : { platform }),
    entries: [],
    referrers: [],
    attached: [],
  };
}
