import { styleText } from "node:util";

/** What a piece of text means; each look is one of the sixteen colours, legible on black and on white. */
export type Look = "good" | "bad" | "warning" | "dim" | "strong";

/** How text is dressed for one stream: with or without colour, with or without signs beyond ASCII. */
export interface Style {
  /** Columns of the terminal; 80 where unknown. */
  readonly columns: number;
  readonly good: string;
  readonly bad: string;
  readonly warning: string;
  /** What separates facts in a line. */
  readonly dot: string;
  readonly ellipsis: string;
  readonly dash: string;
  readonly unicode: boolean;
  /** The text in the look of its meaning; unchanged where there is no colour. Colour never carries meaning alone. */
  paint(look: Look, text: string): string;
}

/** What decides how text is dressed. */
export interface StyleOptions {
  readonly color: boolean;
  readonly unicode: boolean;
  readonly columns?: number | undefined;
}

const looks = { good: "green", bad: "red", warning: "yellow", dim: "dim", strong: "bold" } as const;

/** The dress for a stream. */
export function createStyle(options: StyleOptions): Style {
  const { color, unicode, columns = 80 } = options;
  return {
    columns: Math.max(columns, 40),
    good: unicode ? "✓" : "ok",
    bad: unicode ? "✗" : "x",
    warning: "!",
    dot: unicode ? "·" : "-",
    ellipsis: unicode ? "…" : "...",
    dash: unicode ? "–" : "-",
    unicode,
    paint: (look, text) => (color && text !== "" ? styleText(looks[look], text, { validateStream: false }) : text),
  };
}
