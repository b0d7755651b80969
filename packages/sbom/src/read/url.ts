/** A URL without user name, password and line breaks; `undefined` when it is no URL of the web or of version control. */
export function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 2048 || !/^(git\+)?(https?|ssh|git):\/\//.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null) return undefined;
  if (url.username !== "") url.username = "";
  if (url.password !== "") url.password = "";
  return url.href;
}

/** Whether a text is a URL of the web as it may stand in a document: whole, and in printable letters of ASCII. */
export function isUrl(text: string | undefined): text is string {
  return (
    text !== undefined &&
    /^(git\+)?(https?|ssh|git|file):\/\/[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/.test(text) &&
    URL.canParse(text)
  );
}
