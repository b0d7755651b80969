import { formatBytes, shortDigest, type Platform } from "@sc/model";
import { formatPlatform, type Image, type ImageSource, openImage as readImage, type Reference } from "@sc/oci";
import { Connection, type PipelineCall } from "./connect.ts";
import { runStage } from "./stage.ts";

/** How an image is opened. */
export interface OpenImageOptions extends PipelineCall {
  /** Which image of an index. Default: this machine's platform, then linux/amd64. */
  readonly platform?: Platform | undefined;
}

/** An image that is open: what it is, and the place its layers come from. */
export interface OpenedImage extends AsyncDisposable {
  /** The reference as it was given. */
  readonly text: string;
  /** The reference in full. */
  readonly name: string;
  readonly reference: Reference;
  readonly image: Image;
  readonly source: ImageSource;
}

/** Opens the image a text names. Its layers are read later, by whoever wants them. Throws what `openImage` of @sc/oci throws. */
export async function openImage(text: string, options: OpenImageOptions = {}): Promise<OpenedImage> {
  const { platform, connection, signal, onProgress } = options;
  await using stack = new AsyncDisposableStack();
  const used = connection ?? stack.use(new Connection());
  const place = await used.openSource(text, { signal, onProgress });
  stack.use(place);
  const call = { signal, onProgress };
  const image = await runStage({ name: "resolve", subject: text, call, detail: describeImage }, () =>
    readImage(place.at, place.reference, { ...call, platform }),
  );
  const kept = stack.move();
  return {
    text,
    name: place.name,
    reference: place.reference,
    image,
    source: place.at,
    [Symbol.asyncDispose]: async () => await kept.disposeAsync(),
  };
}

function describeImage(image: Image): string {
  const bytes = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const layers = image.layers.length === 1 ? "1 layer" : `${image.layers.length} layers`;
  const size = formatBytes(bytes);
  return `${shortDigest(image.descriptor.digest)} ${formatPlatform(image.platform)}, ${layers}, ${size}`;
}
