import type { Package } from "@sc/model";
import type { DocumentFormat } from "../document.ts";
import { encodeText } from "../text-chunks.ts";

/** A plain list for people: one line a package. */
export const table: DocumentFormat = {
  id: "table",
  title: "plain list",
  mediaType: "text/plain; charset=utf-8",
  fileExtension: ".txt",
  write({ packages }) {
    const rows = [["NAME", "VERSION", "TYPE"], ...packages.map(rowOf)];
    const widths = [0, 1].map((column) => rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0));
    const lines = rows.map(([name = "", version = "", type = ""]) =>
      `${name.padEnd(widths[0] ?? 0)}  ${version.padEnd(widths[1] ?? 0)}  ${type}`.trimEnd(),
    );
    return encodeText(lines.map((line) => `${line}\n`));
  },
};

function rowOf({ name, version, type }: Package): string[] {
  return [printable(name), printable(version), printable(type)];
}

/** What a terminal would act on, or show in another order than it is, is shown escaped. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
  });
}
