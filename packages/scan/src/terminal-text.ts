// Control and format characters (bidirectional overrides, zero-width ones, tags), separators that end a line, and what
// no font shows; a space that is not U+0020 may hide something, too.
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** A text from outside as it may be shown on a terminal: what controls or deceives is written as `\u{…}`. */
export function escapeForTerminal(text: string): string {
  return text.toWellFormed().replace(unsafe, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCharacter(character);
  return columns;
}

function columnsOfCharacter(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (/\p{M}/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The text in at most so many columns, its middle left out where it is longer: both ends of a name tell it apart. */
export function cutMiddle(text: string, maxColumns: number, mark = "…"): string {
  if (columnsOf(text) <= maxColumns) return text;
  const half = Math.floor((maxColumns - 1) / 2);
  const characters = Array.from(text);
  const start = take(characters, maxColumns - 1 - half);
  const end = take(characters.toReversed(), half).toReversed();
  return `${start.join("")}${mark}${end.join("")}`;
}

function take(characters: readonly string[], maxColumns: number): readonly string[] {
  let columns = 0;
  const end = characters.findIndex((character) => {
    columns += columnsOfCharacter(character);
    return columns > maxColumns;
  });
  return end === -1 ? characters : characters.slice(0, end);
}

/** The text with spaces after it, so that it takes so many columns. */
export function padColumns(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

/** How a text is broken into lines. */
export interface WrapOptions {
  readonly width: number;
  /** What every line after the first begins with. */
  readonly indent?: string;
}

/** The words in lines of at most `width` columns. Nothing is left out: a longer word goes on in the next line. */
export function wrapWords(words: readonly string[], { width, indent = "" }: WrapOptions): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (columnsOf(joined) <= width) {
      line = joined;
      continue;
    }
    if (line.trim() !== "") lines.push(line);
    line = line === "" && lines.length === 0 ? word : `${indent}${word}`;
    while (columnsOf(line) > width) {
      const head = take(Array.from(line), width).join("");
      lines.push(head);
      line = `${indent}${line.slice(head.length)}`;
    }
  }
  return line.trim() === "" ? lines : [...lines, line];
}
