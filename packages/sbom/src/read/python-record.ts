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
  const lines = text.split("\n", limits.maxProjectFiles + 1);
  for (const line of lines.slice(0, limits.maxProjectFiles)) {
    const path = firstColumn(line);
    const place = path === "" ? undefined : placeOf(path, root);
    if (place !== undefined) files.push(place);
  }
  const rest = (lines[limits.maxProjectFiles] ?? "").trim();
  return { files: inOrder(files) ? files : files.toSorted(), truncated: rest !== "" };
}

/** Installers write it in order, nearly always. */
function inOrder(files: readonly string[]): boolean {
  return files.every((file, index) => index === 0 || (files[index - 1] ?? "") <= file);
}

/** The first column of a line of comma-separated values; a quote in it is doubled. */
function firstColumn(line: string): string {
  if (!line.startsWith('"')) {
    const comma = line.indexOf(",");
    return (comma === -1 ? line : line.slice(0, comma)).trim();
  }
  let end = line.indexOf('"', 1);
  while (end !== -1 && line[end + 1] === '"') end = line.indexOf('"', end + 2);
  return line.slice(1, end === -1 ? undefined : end).replaceAll('""', '"');
}

function placeOf(path: string, root: string): string | undefined {
  // Nearly all: nothing to leave out and nowhere to go up.
  if (root !== "" && !/^[/.]|\/[/.]|\/$/.test(path)) return `${root}/${path}`;
  const segments: string[] = path.startsWith("/") || root === "" ? [] : root.split("/");
  for (const segment of path.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.length === 0 ? undefined : segments.join("/");
}
