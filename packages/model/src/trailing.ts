/**
 * A text without the characters of one kind at its end. A pattern such as `/=+$/` begins anew at every one of them where
 * another character follows: a text of a million takes it minutes.
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
