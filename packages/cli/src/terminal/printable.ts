import { stripVTControlCharacters } from "node:util";

/**
 * Text from outside, made fit for a terminal: escape sequences and control characters removed, as well as the
 * characters that reorder text, so that a name in an image cannot rewrite what the reader sees.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "");
}

/** Text cut in its middle to at most `width` characters, so that both ends of a name stay readable. */
export function cutMiddle(text: string, width: number, ellipsis: string): string {
  if (text.length <= width) return text;
  const kept = Math.max(width - ellipsis.length, 1);
  const head = Math.ceil(kept / 2);
  return text.slice(0, head) + ellipsis + text.slice(text.length - (kept - head));
}

/** Text broken at spaces into lines of at most `width` characters; a longer word keeps a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line.trimEnd());
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

/**
 * Every line at most `width` columns wide where it has spaces to break at; what is broken off stands two columns further
 * in. Colour takes no room.
 */
export function fitLines(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => fitLine(line, width))
    .join("\n");
}

function fitLine(line: string, width: number): readonly string[] {
  if (stripVTControlCharacters(line).length <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? "";
  const parts = line.slice(indent.length).split(/(?<=\S)(?= )/);
  const lines = [indent];
  for (const part of parts) {
    const last = lines.at(-1) ?? "";
    const joined = last + part;
    if (last.trim() === "" || stripVTControlCharacters(joined).length <= width) lines[lines.length - 1] = joined;
    else lines.push(`${indent}  ${part.trimStart()}`);
  }
  return lines;
}
