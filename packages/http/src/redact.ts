const maxLength = 300;

/**
 * A URL as it may stand in messages: without user, password, query and fragment (signed URLs carry their secret in
 * the query), without control characters, cut to 300 characters.
 *
 * Takes any text, also one that is no URL, in one linear pass.
 */
export function redactUrl(url: string | URL): string {
  const text = typeof url === "string" ? url : url.href;
  const scheme = text.indexOf("://");
  const start = scheme === -1 ? 0 : scheme + "://".length;
  let at = start;
  let end = start;
  let inAuthority = true;
  for (; end < text.length; end += 1) {
    const character = text[end];
    if (character === "?" || character === "#") break;
    if (character === "/") inAuthority &&= scheme === -1;
    if (character === "@" && inAuthority) at = end + 1;
  }
  const head = printable(text.slice(0, scheme === -1 ? 0 : start), 40);
  const body = printable(text.slice(at, end), maxLength);
  return head + body + (end < text.length ? "?…" : "");
}

function printable(text: string, limit: number): string {
  let out = "";
  for (const character of text.slice(0, limit)) {
    const code = character.codePointAt(0) ?? 0;
    out += code > 0x20 && code < 0x7f ? character : "?";
  }
  return text.length > limit ? `${out}…` : out;
}
