/** What the name of a layer entry says about the layers below it. */
export type Whiteout =
  /** Hides `path`, and all below it, of older layers. */
  | { readonly kind: "whiteout"; readonly path: string }
  /** Hides everything in the directory `path` of older layers. */
  | { readonly kind: "opaque"; readonly path: string }
  /** Bookkeeping of aufs that means nothing in an image. */
  | { readonly kind: "ignored" }
  /** `.wh.` with no name after it. */
  | { readonly kind: "invalid" };

const prefix = ".wh.";
const metaPrefix = ".wh..wh.";
const opaqueName = ".wh..wh..opq";

/**
 * What a normalised path says when its last segment is a whiteout; `undefined` for every ordinary path.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 */
export function parseWhiteout(path: string): Whiteout | undefined {
  const start = path.lastIndexOf("/") + 1;
  if (!path.startsWith(prefix, start)) return undefined;
  const parent = path.slice(0, Math.max(0, start - 1));
  const name = path.slice(start);
  if (name === opaqueName) return { kind: "opaque", path: parent };
  if (name.startsWith(metaPrefix)) return { kind: "ignored" };
  const hidden = name.slice(prefix.length);
  if (hidden === "" || hidden === "." || hidden === "..") return { kind: "invalid" };
  return { kind: "whiteout", path: parent === "" ? hidden : `${parent}/${hidden}` };
}
