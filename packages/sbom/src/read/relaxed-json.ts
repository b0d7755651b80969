/** JSON without the comments, and the commas before a closing bracket, that editors and bun write. One pass. */
export function strictJson(text: string): string {
  const kept: string[] = [];
  // The place of a comma that stays only when something other than a closing bracket follows it.
  let comma = -1;
  for (let at = 0; at < text.length;) {
    const end = tokenEnd(text, at);
    const token = text.slice(at, end);
    at = end;
    if (token.startsWith("//") || token.startsWith("/*")) continue;
    if ((token === "]" || token === "}") && comma !== -1) kept[comma] = "";
    if (token.trim() !== "") comma = token === "," ? kept.length : -1;
    kept.push(token);
  }
  return kept.join("");
}

/** What neither begins nor ends anything that has to be told apart. */
const plain = /[^"/,[\]{}\s]+|\s+/y;

function tokenEnd(text: string, start: number): number {
  if (text[start] === '"') return stringEnd(text, start);
  if (text.startsWith("//", start)) return orEnd(text, text.indexOf("\n", start));
  if (text.startsWith("/*", start)) {
    const close = text.indexOf("*/", start + 2);
    return close === -1 ? text.length : close + 2;
  }
  plain.lastIndex = start;
  return plain.test(text) ? plain.lastIndex : start + 1;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function orEnd(text: string, at: number): number {
  return at === -1 ? text.length : at;
}
