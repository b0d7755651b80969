/** JSON without the comments, and the commas before a closing bracket, that editors and bun write. One pass. */
export function strictJson(text: string): string {
  const kept: string[] = [];
  let from = 0;
  const special = /["/,]/g;
  for (let match = special.exec(text); match !== null; match = special.exec(text)) {
    const { index } = match;
    const end = match[0] === '"' ? stringEnd(text, index) : match[0] === "/" ? commentEnd(text, index) : index;
    special.lastIndex = Math.max(end, index + 1);
    const isDropped = match[0] === "," ? isTrailing(text, index + 1) : match[0] === "/" && end > index;
    if (!isDropped) continue;
    kept.push(text.slice(from, index));
    from = Math.max(end, index + 1);
  }
  kept.push(text.slice(from));
  return kept.join("");
}

/** Whether nothing but white space and comments stands between a comma and a closing bracket. */
function isTrailing(text: string, start: number): boolean {
  const space = /\s*/y;
  for (let at = start; ;) {
    space.lastIndex = at;
    space.test(text);
    at = Math.max(at, space.lastIndex);
    const end = commentEnd(text, at);
    if (end === at) return text[at] === "]" || text[at] === "}";
    at = end;
  }
}

/** Where a comment that begins there is over; the place itself when none does. */
function commentEnd(text: string, start: number): number {
  if (text.startsWith("//", start)) return orEnd(text, text.indexOf("\n", start));
  if (!text.startsWith("/*", start)) return start;
  const close = text.indexOf("*/", start + 2);
  return close === -1 ? text.length : close + 2;
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
