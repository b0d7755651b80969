import { digestHex, ScError } from "@sc/model";
import { formatPlatform } from "@sc/oci";
import { type Connection, type OpenedImage, openImages } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import type { OptionValues } from "./option-values.ts";
import type { Output } from "./outputs.ts";
import { openAsked } from "./reading.ts";

/** What stands for the platform in the names of files. */
const mark = "{platform}";

/** One of the images that were asked for. */
export interface AskedImage {
  readonly opened: OpenedImage;
  /** `linux/arm64`, for people. */
  readonly platform: string;
  /** The name of a file of this image. */
  readonly place: (path: string) => string;
}

/** The image that the options ask for, or with `--all-platforms` each of the index. */
export async function openEach(
  image: string,
  context: ActionContext,
  connection: Connection,
): Promise<AsyncDisposable & { readonly images: readonly AskedImage[] }> {
  const { values, signal, onProgress } = context;
  if (!values.flag("all-platforms")) {
    const opened = await openAsked(image, context, connection);
    const platform = formatPlatform(opened.image.platform);
    return {
      images: [{ opened, platform, place: (path) => path }],
      [Symbol.asyncDispose]: async () => await opened[Symbol.asyncDispose](),
    };
  }
  const all = await openImages(image, { connection, signal, onProgress });
  const names = all.images.map((opened) => formatPlatform(opened.image.platform));
  const images = all.images.map((opened, index): AskedImage => {
    const platform = names[index] ?? "";
    // An index may hold two images for one platform, such as two versions of Windows.
    const isShared = names.indexOf(platform) !== names.lastIndexOf(platform);
    const word = isShared ? `${platform}-${digestHex(opened.image.descriptor.digest).slice(0, 12)}` : platform;
    return { opened, platform, place: (path) => path.replaceAll(mark, word.replaceAll(/[^\w.-]+/g, "-")) };
  });
  return { images, [Symbol.asyncDispose]: async () => await all[Symbol.asyncDispose]() };
}

/**
 * Checks that with `--all-platforms` every result has a place of its own: files whose names say the platform, and on
 * standard output only what can stand there one after the other. Throws `CLI_USAGE`.
 */
export function checkPlaces(
  values: OptionValues,
  outputs: readonly Output[],
  { joined = [] }: { readonly joined?: readonly string[] } = {},
): void {
  if (!values.flag("all-platforms")) return;
  if (values.text("platform") !== undefined) {
    throw new ScError("CLI_USAGE", "--platform and --all-platforms are given: wanted one of them");
  }
  for (const { format, path } of outputs) {
    if (path === undefined ? joined.includes(format) : path.includes(mark)) continue;
    const where = path === undefined ? "standard output" : JSON.stringify(path);
    throw new ScError("CLI_USAGE", `--all-platforms: a document for each platform is to go to ${where}`, {
      hint: `Write ${mark} in the name of a file: --format ${format}=FILE.${mark}.EXT`,
    });
  }
}
