/** Names from outside for a message: quoted, the first twenty of them. */
export function quoteList(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name.slice(0, 200)));
  return shown.join(", ") + (names.length > 20 ? ` and ${names.length - 20} more` : "");
}
