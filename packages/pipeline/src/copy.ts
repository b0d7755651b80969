import { formatBytes, formatCount, type Platform } from "@sc/model";
import { copyImage as copyBetween, type CopyResult, type ImageTree, readImageTree } from "@sc/oci";
import { type PipelineCall, withConnection } from "./connect.ts";
import { runStage } from "./stage.ts";

/** What is copied. */
export interface CopyImageOptions extends PipelineCall {
  /** Also signatures, attestations and whatever else refers to the image. On by default: a copy is worth what can be verified of it. */
  readonly referrers?: boolean | undefined;
  /** Only the image for this platform. Default: what the reference names, whole. */
  readonly platform?: Platform | undefined;
}

/** Copies an image between any two places; no digest changes. Throws what `copyImage` of @sc/oci throws. */
export async function copyImage(from: string, to: string, options: CopyImageOptions = {}): Promise<CopyResult> {
  const { referrers = true, platform, signal, onProgress } = options;
  const call = { signal, onProgress };
  return await withConnection(options, async (connection) => {
    await using source = await connection.openSource(from, call);
    await using destination = await connection.openDestination(to, call);
    return await runStage({ name: "copy", subject: from, call, detail: describeCopy }, () =>
      copyBetween(
        { source: source.at, reference: source.reference },
        { destination: destination.at, reference: destination.reference },
        { ...call, referrers, platform },
      ),
    );
  });
}

/** Everything a reference stands for and everything that refers to it. Throws what `readImageTree` of @sc/oci throws. */
export async function readTree(image: string, options: PipelineCall = {}): Promise<ImageTree> {
  const { signal, onProgress } = options;
  return await withConnection(options, async (connection) => {
    await using place = await connection.openSource(image, { signal, onProgress });
    return await readImageTree(place.at, place.reference, { signal, onProgress });
  });
}

function describeCopy({ blobs, manifests, bytes }: CopyResult): string {
  return `${formatCount(manifests.copied, "manifest")}, ${formatCount(blobs.copied, "blob")}, ${formatBytes(bytes)}`;
}
