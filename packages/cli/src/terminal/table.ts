import { cutMiddle } from "./printable.ts";
import type { Style } from "./style.ts";

/** A column of a table for people. */
export interface Column {
  readonly title: string;
  /** Cut in the middle where the table would be wider than the terminal; columns without it are never cut. */
  readonly flexible?: true;
}

/**
 * Rows under titles, columns two spaces apart, at most as wide as the terminal if its flexible columns allow. Cells must
 * be printable and without colour: `look` dresses a whole finished cell.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly style: Style; readonly look?: (text: string, row: number, column: number) => string },
): readonly string[] {
  const { style, look = (text) => text } = options;
  const widths = fit(columns, rows, style);
  const line = (cells: readonly string[], row: number): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const text = cutMiddle(cell, width, style.ellipsis);
        const padding = column === cells.length - 1 ? "" : " ".repeat(Math.max(width - text.length, 0));
        return row < 0 ? text + padding : look(text, row, column) + padding;
      })
      .join("  ")
      .trimEnd();
  return [
    style.paint(
      "dim",
      line(
        columns.map(({ title }) => title),
        -1,
      ),
    ),
    ...rows.map(line),
  ];
}

function fit(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): readonly number[] {
  const natural = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const total = natural.reduce((sum, width) => sum + width, 0) + 2 * (columns.length - 1);
  let excess = total - style.columns;
  const widths = [...natural];
  while (excess > 0) {
    // The widest flexible column gives way first.
    const [widest] = columns
      .map(({ flexible }, index) => [flexible === true ? (widths[index] ?? 0) : 0, index] as const)
      .toSorted((left, right) => right[0] - left[0]);
    if (widest === undefined || widest[0] <= 8) break;
    widths[widest[1]] = widest[0] - 1;
    excess -= 1;
  }
  return widths;
}
