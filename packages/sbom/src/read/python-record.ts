import { limits } from "../limits.ts";

/** The files of one project. */
export interface PythonRecord {
  readonly files: readonly string[];
  /** Whether there are more than are kept. */
  readonly truncated: boolean;
}

/**
 * The files that a RECORD lists, without leading slashes, sorted. `root` is the directory it counts from: the one that
 * the dist-info directory lies in.
 *
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
 */
export function parseRecord(text: string, root: string): PythonRecord {
  const files: string[] = [];
  const lines = text.split("\n", limits.maxFiles + 1);
  for (const line of lines.slice(0, limits.maxFiles)) {
    const path = firstColumn(line);
    const place = path === "" ? undefined : placeOf(path, root);
    if (place !== undefined) files.push(place);
  }
  const rest = (lines[limits.maxFiles] ?? "").trim();
  return { files: files.toSorted(), truncated: rest !== "" };
}

/** The first column of a line of comma-separated values; a quote in it is doubled. */
function firstColumn(line: string): string {
  if (!line.startsWith('"')) return (line.split(",", 1)[0] ?? "").trim();
  let end = line.indexOf('"', 1);
  while (end !== -1 && line[end + 1] === '"') end = line.indexOf('"', end + 2);
  return line.slice(1, end === -1 ? undefined : end).replaceAll('""', '"');
}

function placeOf(path: string, root: string): string | undefined {
  const segments: string[] = path.startsWith("/") || root === "" ? [] : root.split("/");
  for (const segment of path.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.length === 0 ? undefined : segments.join("/");
}
