/** A URL without user name, password and line breaks; `undefined` when it is no URL of the web or of version control. */
export function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 2048 || !/^(git\+)?(https?|ssh|git):\/\//.test(text)) return undefined;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href;
}
