import type { Package } from "@sc/model";
import type { DocumentFormat } from "../document.ts";
import { encodeText } from "../text-chunks.ts";

/** A plain list for people: one line a package; with their layers where some are not in the image itself. */
export const table: DocumentFormat = {
  id: "table",
  title: "plain list",
  mediaType: "text/plain; charset=utf-8",
  fileExtension: ".txt",
  write({ packages }) {
    const layered = packages.some(isHidden);
    const heading = ["NAME", "VERSION", "TYPE", ...(layered ? ["LAYER"] : [])];
    const rows = [heading, ...packages.map((entry) => [...rowOf(entry), ...(layered ? [layerOf(entry)] : [])])];
    const widths = heading.map((_, column) =>
      rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
    );
    const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
    return encodeText(lines.map((line) => `${line.trimEnd()}\n`));
  },
};

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
