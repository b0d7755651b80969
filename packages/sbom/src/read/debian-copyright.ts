import { withoutTrailing } from "@sc/model";
import { parseStanzas } from "./stanza.ts";

/** The licences that a Debian copyright file names. */
export interface CopyrightLicenses {
  /** Short names of the machine-readable form, or `undefined` where the file is free text. */
  readonly declared?: readonly string[];
  /** Licences that free text points to in /usr/share/common-licenses; it does not say what it may be replaced by. */
  readonly mentioned?: readonly string[];
}

const maxNames = 200;

/**
 * The licences of a Debian copyright file.
 *
 * @see https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
 */
export function parseCopyright(text: string): CopyrightLicenses {
  const head = text.slice(0, 2000).trimStart().toLowerCase();
  return head.startsWith("format:") || head.startsWith("format-specification:")
    ? { declared: shortNames(text) }
    : { mentioned: commonLicenses(text) };
}

function shortNames(text: string): string[] {
  const names = new Set<string>();
  for (const stanza of parseStanzas(text)) {
    const synopsis = stanza.fields.get("license")?.split("\n", 1)[0]?.trim();
    if (synopsis !== undefined && synopsis !== "" && synopsis.length <= 500) names.add(synopsis);
    if (names.size >= maxNames) break;
  }
  return [...names].toSorted();
}

function commonLicenses(text: string): string[] {
  const names = new Set<string>();
  for (const match of text.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z0-9][A-Za-z0-9.-]{0,40})/g)) {
    names.add(withoutTrailing(match[1] ?? "", "."));
    if (names.size >= maxNames) break;
  }
  return [...names].toSorted();
}
