/**
 * The target of the `rel="next"` link of a `Link` header, not yet resolved; `undefined` when there is none.
 *
 * @see RFC 8288, section 3
 */
export function parseNextLink(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 16_384) return undefined;
  let position = 0;
  while (position < header.length) {
    const open = header.indexOf("<", position);
    const close = open === -1 ? -1 : header.indexOf(">", open);
    if (close === -1) return undefined;
    const following = header.indexOf("<", close);
    const parameters = header.slice(close + 1, following === -1 ? undefined : following);
    if (isNext(parameters)) return header.slice(open + 1, close);
    position = following === -1 ? header.length : following;
  }
  return undefined;
}

function isNext(parameters: string): boolean {
  return parameters.split(/[;,]/).some((parameter) => {
    const equals = parameter.indexOf("=");
    if (equals === -1 || parameter.slice(0, equals).trim().toLowerCase() !== "rel") return false;
    const value = parameter.slice(equals + 1).trim();
    const bare = value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
    return bare.toLowerCase().split(" ").includes("next");
  });
}
