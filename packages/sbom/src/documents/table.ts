import type { Package } from "@sc/model";
import type { DocumentFormat } from "../document.ts";
import { encodeText } from "../text-chunks.ts";

/** What a terminal is wide where nothing else is said; a document is the same wherever it is shown. */
const maxLineChars = 80;
/** What most versions take: a longer one moves what is behind it. */
const maxVersionChars = 26;
const gap = "  ";

/**
 * A plain list for people: one line a package; with their layers where some are not in the image itself. Nothing is cut:
 * what is longer than its column has the rest of its row on the next line where both do not fit on one.
 */
export const table: DocumentFormat = {
  id: "table",
  title: "plain list",
  mediaType: "text/plain; charset=utf-8",
  fileExtension: ".txt",
  write({ packages }) {
    const layered = packages.some(isHidden);
    const heading = ["NAME", "VERSION", "TYPE", ...(layered ? ["LAYER"] : [])];
    const rows = [heading, ...packages.map((entry) => [...rowOf(entry), ...(layered ? [layerOf(entry)] : [])])];
    const starts = columnStarts(rows);
    return encodeText(rows.map((row) => `${lineOf(row, starts)}\n`));
  },
};

/** Where each column begins: as wide as its longest cell, and where lines would be too long at the cost of names. */
function columnStarts(rows: readonly (readonly string[])[]): readonly number[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  const lineChars = (): number => widths.reduce((sum, width) => sum + width + gap.length, -gap.length);
  const [name = 0, version = 0] = widths;
  if (lineChars() > maxLineChars) widths[1] = Math.min(version, maxVersionChars);
  const excess = lineChars() - maxLineChars;
  if (excess > 0) widths[0] = Math.max(name - excess, maxVersionChars);
  const starts = [0];
  for (const width of widths) starts.push((starts.at(-1) ?? 0) + width + gap.length);
  return starts;
}

/** A row, on more lines than one where a long cell leaves no room for those behind it. */
function lineOf(row: readonly string[], starts: readonly number[]): string {
  const lines = [""];
  for (const [column, cell] of row.entries()) {
    const line = lines.at(-1) ?? "";
    const start = starts[column] ?? 0;
    const aligned = line === "" || line.length + gap.length <= start ? line.padEnd(start) : line + gap;
    const joined = [aligned, line + gap].find((before) => before.length + cell.length <= maxLineChars);
    if (column === 0) lines[0] = cell;
    else if (joined !== undefined) lines[lines.length - 1] = joined + cell;
    else lines.push("".padEnd(Math.max(gap.length, Math.min(start, maxLineChars - cell.length))) + cell);
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

function rowOf({ name, version, type }: Package): string[] {
  return [printable(name), printable(version), printable(type)];
}

function isHidden({ properties }: Package): boolean {
  return properties?.["layer:state"] === "hidden";
}

/** The layer a package came with, and for one that is not in the image the layer that hides it. */
function layerOf(entry: Package): string {
  const layer = entry.locations[0]?.layerIndex?.toString() ?? "";
  return isHidden(entry) ? `${layer}, hidden by ${printable(entry.properties?.["layer:hidden-by"] ?? "?")}` : layer;
}

/** What a terminal would act on, or show in another order than it is, is shown escaped. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
  });
}
