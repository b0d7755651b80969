import { Buffer, isUtf8 } from "node:buffer";

/**
 * The path an archive entry has below the root: no leading or trailing slash, no empty, `.` or `..` segment.
 *
 * The root itself is `""`. `undefined` is the answer where no such path exists: it climbs above the root, or holds a
 * NUL. `..` is resolved by its text, as container runtimes do before they unpack.
 */
export function normalizeEntryPath(path: string): string | undefined {
  if (isNormal(path)) return path;
  if (path.includes("\0")) return undefined;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join("/");
}

const slash = 0x2f;
const dot = 0x2e;

/** Whether a path needs no work: asked of every entry, so it looks at each character once and makes no string. */
function isNormal(path: string): boolean {
  let start = 0;
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at);
    if (code === 0) return false;
    if (code !== slash) continue;
    if (!isNormalSegment(path, start, at)) return false;
    start = at + 1;
  }
  return path === "" || isNormalSegment(path, start, path.length);
}

function isNormalSegment(path: string, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0) return false;
  if (path.charCodeAt(start) !== dot) return true;
  return length > 2 || (length === 2 && path.charCodeAt(start + 1) !== dot);
}

/**
 * The text of a name's bytes: UTF-8, and where it is not, each byte that does not belong to a sequence as a lone
 * surrogate U+DC80 to U+DCFF (Python's `surrogateescape`), so that two names are equal only when their bytes are.
 */
export function decodeEntryName(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  const parts: string[] = [];
  for (let at = 0; at < buffer.length;) {
    const length = sequenceLength(buffer, at);
    if (length === 0) parts.push(String.fromCharCode(0xdc00 + (buffer[at] ?? 0)));
    else parts.push(buffer.toString("utf8", at, at + length));
    at += Math.max(length, 1);
  }
  return parts.join("");
}

/** The length of the valid UTF-8 sequence that begins at an offset; 0 where none does. */
function sequenceLength(buffer: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= buffer.length; length++) {
    if (isUtf8(buffer.subarray(at, at + length))) return length;
  }
  return 0;
}
