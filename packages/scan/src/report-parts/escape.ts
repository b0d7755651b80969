import { escapeForTerminal } from "../terminal-text.ts";

/** A text from outside as text or attribute value in HTML. What controls or deceives is written as `\u{…}`. */
export function escapeHtml(text: string): string {
  return escapeLines(text).replaceAll(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A text from outside as text or attribute value in XML 1.0, which has no place for control characters at all. */
export function escapeXml(text: string): string {
  return escapeLines(text).replaceAll(/[&<>"'\n\t]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * A text from outside as prose in GitHub's and GitLab's Markdown: nothing in it is mark-up, begins HTML, ends a table
 * cell, mentions a person or refers to an issue.
 */
export function escapeMarkdown(text: string): string {
  return escapeForTerminal(text.replaceAll(/\s+/g, " "))
    .replaceAll(/[\\`*_{}[\]()#+!|~$^=-]/g, String.raw`\$&`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/(?<=[@#:])(?=\S)|(?<=\bwww)(?=\.)|(?<=\bGH)(?=\\-\d)/gi, "\u200b");
}

/** A text from outside as a code span of Markdown, also inside a table: shown letter by letter, linked to nothing. */
export function markdownCode(text: string): string {
  const plain = escapeForTerminal(text.replaceAll(/\s+/g, " "))
    .replaceAll("`", "'")
    .replaceAll("|", String.raw`\|`);
  return plain.trim() === "" ? "` `" : `\`${plain}\``;
}

/** A text from outside as one field of a CSV file that no spreadsheet takes for a formula. */
export function escapeCsv(text: string): string {
  const plain = escapeForTerminal(text.replaceAll(/[\r\n\t]+/g, " "));
  const guarded = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/u.test(plain) ? `'${plain}` : plain;
  return `"${guarded.replaceAll('"', '""')}"`;
}

/** A text from outside as the message of a workflow command. */
export function escapeWorkflowMessage(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => escapeForTerminal(line).replaceAll("%", "%25"))
    .join("%0A");
}

/** A text from outside as a property of a workflow command. */
export function escapeWorkflowProperty(text: string): string {
  return escapeForTerminal(text).replaceAll("%", "%25").replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** A text from outside in several lines, without what controls or deceives. */
export function escapeLines(text: string): string {
  if (/^[\n -~]*$/.test(text)) return text;
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => escapeForTerminal(line.replaceAll("\t", "  ")))
    .join("\n");
}

/** A text from outside as a string of CSS: what is more than a letter, a digit or a plain sign is written by its number. */
export function cssString(text: string): string {
  const plain = escapeForTerminal(text.replaceAll(/\s+/g, " "));
  return `"${plain.replaceAll(/[^\w .:/@-]/gu, (character) => `\\${(character.codePointAt(0) ?? 0).toString(16)} `)}"`;
}

/** JSON inside a script element of HTML: nothing in it ends the element or begins another. */
export function escapeScriptJson(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
