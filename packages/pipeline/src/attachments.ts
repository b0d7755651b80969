import type { Digest } from "@sc/model";
import { type Attachment, type AttachmentKind, listAttachments, removeAttachments } from "@sc/sign";
import { type PipelineCall, resolveTarget, withConnection } from "./connect.ts";
import { runStage } from "./stage.ts";
import type { ArtifactPlace } from "./signing.ts";

/** What is attached to an image. */
export interface FoundAttachments {
  /** The reference in full. */
  readonly name: string;
  readonly digest: Digest;
  /** Unverified: they are what stands there. */
  readonly attachments: readonly Attachment[];
}

/** Signatures, attestations and SBOMs attached to an image, as they stand. Throws what `listAttachments` of @sc/sign throws. */
export async function findAttachments(
  image: string,
  options: PipelineCall & ArtifactPlace = {},
): Promise<FoundAttachments> {
  const { signal, onProgress, artifactRepository } = options;
  const call = { signal, onProgress };
  return await withConnection(options, async (connection) => {
    await using place = await connection.openSource(image, call);
    const descriptor = await resolveTarget(place, call);
    await using other =
      artifactRepository === undefined ? undefined : await connection.openSource(artifactRepository, call);
    const attachments = await listAttachments(other?.at ?? place.at, descriptor, call);
    return { name: place.name, digest: descriptor.digest, attachments };
  });
}

/** What is removed from an image. */
export interface CleanOptions extends PipelineCall, ArtifactPlace {
  /** Only these kinds; all when not said. A tag that holds one of them goes as a whole. */
  readonly kinds?: readonly AttachmentKind[] | undefined;
}

/**
 * Removes what is attached to an image; the image stays. Throws `DELETE_UNSUPPORTED`, `REGISTRY_DENIED` and what else
 * `removeAttachments` of @sc/sign throws.
 */
export async function cleanImage(image: string, options: CleanOptions = {}): Promise<FoundAttachments> {
  const { signal, onProgress, artifactRepository, kinds } = options;
  const call = { signal, onProgress };
  return await withConnection(options, async (connection) => {
    await using place = await connection.openDestination(image, call);
    const descriptor = await resolveTarget(place, call);
    await using other =
      artifactRepository === undefined ? undefined : await connection.openDestination(artifactRepository, call);
    const store = other?.at ?? place.at;
    const all = await listAttachments(store, descriptor, call);
    const attachments = all.filter(
      ({ kind, form }) => form !== "index" && (kinds === undefined || kinds.includes(kind)),
    );
    await runStage(
      { name: "clean", subject: image, call },
      async () => await removeAttachments(store, attachments, call),
    );
    return { name: place.name, digest: descriptor.digest, attachments };
  });
}
