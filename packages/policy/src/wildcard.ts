/**
 * Whether a text is what a pattern says: letter for letter, but that `*` stands for any run of characters, of none as
 * well. Takes time proportional to both lengths at worst.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let [inPattern, inText, star, resume] = [0, 0, -1, 0];
  while (inText < text.length) {
    if (pattern[inPattern] === "*") {
      [star, resume] = [inPattern, inText];
      inPattern += 1;
    } else if (pattern[inPattern] === text[inText]) {
      inPattern += 1;
      inText += 1;
    } else if (star >= 0) {
      resume += 1;
      [inPattern, inText] = [star + 1, resume];
    } else return false;
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
