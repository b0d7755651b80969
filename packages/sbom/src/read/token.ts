import { limits } from "../limits.ts";
import { noteCut } from "./cuts.ts";

/**
 * Whether a text can be a name: neither empty nor too long, without white space and control characters. One that is too
 * long is noted as a cut: what has it is left out, and nobody may take the rest for all there is.
 */
export function isName(text: string | undefined): text is string {
  return isToken(text, limits.maxNameChars, "a name");
}

/**
 * Whether a text can be the name of an operating system's package: the letters that dpkg, rpm and apk take, none of
 * which a purl or a path gives a meaning to.
 */
export function isSystemName(text: string | undefined): text is string {
  return isName(text) && /^[A-Za-z0-9_][A-Za-z0-9_.+~-]*$/.test(text);
}

/**
 * Whether a text can be a version: neither empty nor too long, without white space and control characters. One that is
 * too long is noted as a cut, as of a name.
 */
export function isVersion(text: string | undefined): text is string {
  return isToken(text, limits.maxVersionChars, "a version");
}

function isToken(text: string | undefined, maxChars: number, what: string): text is string {
  if (text === undefined || text.length === 0) return false;
  if (text.length > maxChars) {
    noteCut(`${what} of more than ${maxChars} characters`);
    return false;
  }
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || (code >= 0x7f && code <= 0xa0)) return false;
  }
  return true;
}

/** A text for people: trimmed, cut to the limit; `undefined` when nothing is left. */
export function shortText(text: string | undefined): string | undefined {
  const trimmed = text?.slice(0, limits.maxTextChars).trim();
  return trimmed === undefined || trimmed === "" ? undefined : trimmed;
}

/** Outside text as it may stand in a message: quoted, escaped and cut. */
export function quote(text: string | undefined): string {
  return text === undefined ? "nothing" : JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
