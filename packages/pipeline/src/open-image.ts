import { formatBytes, formatCount, shortDigest, type Platform } from "@sc/model";
import {
  formatPlatform,
  formatReference,
  type Image,
  type ImageSource,
  openImage as readImage,
  openImages as readImages,
  parseReference,
  type Reference,
} from "@sc/oci";
import { ClosingStack } from "./closing-stack.ts";
import { Connection, type PipelineCall, type Place } from "./connect.ts";
import { runStage } from "./stage.ts";

/** How an image is opened. */
export interface OpenImageOptions extends PipelineCall {
  /** Which image of an index. Default: this machine's platform, then linux/amd64. */
  readonly platform?: Platform | undefined;
  /**
   * Of a source that is given open: what the image is called, with the tag or digest it has there. Default: the source's
   * own name, so the tag `latest` in a registry and the only image elsewhere.
   */
  readonly reference?: string | undefined;
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

/**
 * Opens the image a text names, or one of a source that is open: an `openSource` of a connection or of @sc/oci, or one of
 * the caller's own, which stays theirs to close. Its layers are read later, by whoever wants them. Throws what
 * `openImage` of @sc/oci throws.
 */
export async function openImage(from: string | ImageSource, options: OpenImageOptions = {}): Promise<OpenedImage> {
  const { platform, connection, signal, onProgress } = options;
  await using stack = new ClosingStack();
  const place =
    typeof from === "string"
      ? stack.use(await (connection ?? stack.use(new Connection())).openSource(from, { signal, onProgress }))
      : lentPlace(from, options);
  const text = typeof from === "string" ? from : place.name;
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
    [Symbol.asyncDispose]: async () => await kept[Symbol.asyncDispose](),
  };
}

/** The images of one reference, for every platform it has, and the place they come from. */
export interface OpenedImages extends AsyncDisposable {
  /** In the index's order; one where the reference names an image. Disposing of all disposes of each. */
  readonly images: readonly OpenedImage[];
}

/** Opens the images of a reference for every platform, each as `openImage` does one. Throws what `openImages` of @sc/oci throws. */
export async function openImages(text: string, options: PipelineCall = {}): Promise<OpenedImages> {
  const { connection, signal, onProgress } = options;
  const call = { signal, onProgress };
  await using stack = new ClosingStack();
  const place = stack.use(await (connection ?? stack.use(new Connection())).openSource(text, call));
  const { name, reference, at: source } = place;
  const read = await runStage({ name: "resolve", subject: text, call, detail: describeImages }, () =>
    readImages(source, reference, call),
  );
  const kept = stack.move();
  const dispose = async (): Promise<void> => await kept[Symbol.asyncDispose]();
  const images = read.map((image) => ({ text, name, reference, image, source, [Symbol.asyncDispose]: dispose }));
  return { images, [Symbol.asyncDispose]: dispose };
}

function describeImages(images: readonly Image[]): string {
  const platforms = images.map(({ platform }) => formatPlatform(platform));
  return `${formatCount(images.length, "platform")}: ${platforms.join(", ")}`;
}

function lentPlace(source: ImageSource, { reference: text }: OpenImageOptions): Omit<Place<ImageSource>, symbol> {
  const { scheme, repository } = source;
  const reference = parseReference(text ?? (scheme === "registry" ? repository : `${scheme}:${repository}`));
  return { reference, name: formatReference(reference), at: source };
}

function describeImage(image: Image): string {
  const bytes = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const layers = formatCount(image.layers.length, "layer");
  const size = formatBytes(bytes);
  return `${shortDigest(image.descriptor.digest)} ${formatPlatform(image.platform)}, ${layers}, ${size}`;
}
