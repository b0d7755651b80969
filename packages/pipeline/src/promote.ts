import { type Call, type Descriptor, type Digest, ScError } from "@sc/model";
import { formatReference, parseReference } from "@sc/oci";
import { ClosingStack } from "./closing-stack.ts";
import { type Connection, type Place } from "./connect.ts";
import type { ImageDestination } from "@sc/oci";

/** A tag that is to name a digest. */
export interface TagMove {
  /** The image by digest, in a registry. */
  readonly image: string;
  readonly digest: Digest;
  readonly tag: string;
  /** The tag may be there already and name something else: the tag of an environment, not that of a version. */
  readonly moves: boolean;
}

/** A tag that now names a digest. */
export interface PromotedTag {
  /** registry/repository:tag */
  readonly reference: string;
  readonly digest: Digest;
  /** What it named before. */
  readonly before?: Digest;
}

interface Prepared extends TagMove {
  readonly place: Place<ImageDestination>;
  readonly reference: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly before: Descriptor | undefined;
}

/**
 * Moves all tags or none: everything is read first, a tag that must not move and would is refused before any does, and
 * when one fails those that were moved are put back.
 *
 * Throws `RELEASE_EXISTS`, `IMAGE_NOT_FOUND`, and `PROMOTION_FAILED`, which says what was put back and what stands.
 */
export async function promoteTags(
  moves: readonly TagMove[],
  connection: Connection,
  call: Call = {},
): Promise<readonly PromotedTag[]> {
  await using stack = new ClosingStack();
  const prepared: Prepared[] = [];
  for (const move of moves) {
    prepared.push(await prepareMove(move, stack.use(await connection.openDestination(move.image, call)), call));
  }
  const moved: Prepared[] = [];
  for (const one of prepared) {
    try {
      await one.place.at.pushManifest(one.bytes, one.mediaType, { ...call, tag: one.tag });
      moved.push(one);
    } catch (cause) {
      throw await putBack(moved, one, cause);
    }
  }
  return moved.map(({ reference, digest, before }) =>
    before === undefined ? { reference, digest } : { reference, digest, before: before.digest },
  );
}

async function prepareMove(move: TagMove, place: Place<ImageDestination>, call: Call): Promise<Prepared> {
  const { digest, tag, moves } = move;
  const parsed = parseReference(move.image);
  const { registry, repository } = parsed.scheme === "registry" ? parsed : { registry: "", repository: move.image };
  const reference = formatReference({ scheme: "registry", registry, repository, tag });
  const found = await place.at.fetchManifest(digest, call);
  if (found === undefined) throw new ScError("IMAGE_NOT_FOUND", `${move.image}: there is no such image`);
  const before = await place.at.resolve(tag, call);
  if (before !== undefined && before.digest !== digest && !moves) {
    throw new ScError("RELEASE_EXISTS", `${reference}: names ${before.digest} already, wanted ${digest}`, {
      hint: "Give another --version.",
    });
  }
  return { ...move, place, reference, bytes: found.bytes, mediaType: found.descriptor.mediaType, before };
}

// Without the signal: an interruption is one of the reasons to put things back.
async function putBack(moved: readonly Prepared[], failed: Prepared, cause: unknown): Promise<ScError> {
  const [back, standing]: [string[], string[]] = [[], []];
  for (const { place, tag, reference, before } of moved.toReversed()) {
    try {
      const old = before === undefined ? undefined : await place.at.fetchManifest(before.digest);
      if (old === undefined) await place.at.deleteManifest(tag);
      else await place.at.pushManifest(old.bytes, old.descriptor.mediaType, { tag });
      back.push(reference);
    } catch {
      // Told as what stands; the reason why the release failed is the first failure.
      standing.push(reference);
    }
  }
  const reason = cause instanceof Error ? cause.message : "failed";
  return new ScError("PROMOTION_FAILED", `${failed.reference}: the tag cannot be moved: ${reason}`, {
    cause,
    facts: {
      "put back": back.length === 0 ? "nothing had moved" : back.join(" "),
      ...(standing.length === 0 ? {} : { "still moved": standing.join(" ") }),
    },
    hint:
      standing.length === 0
        ? "No tag of this release stands; run it again when the registry takes tags."
        : "Remove what is still moved by hand, then run the release again.",
  });
}
