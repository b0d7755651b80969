/** A person or organisation as package databases write it: `Name <address>`, or one of the two alone. */
export interface Party {
  readonly name?: string;
  readonly email?: string;
}

/** The two halves of `Name <address>`. */
export function parseParty(text: string): Party {
  const match = /^([^<>]+) <([^<>\s@]+@[^<>\s@]+)>$/.exec(text);
  return match === null ? { name: text } : { name: match[1] ?? "", email: match[2] ?? "" };
}

/** `Name <address>`; `undefined` when there is neither. */
export function formatParty({ name, email }: Party): string | undefined {
  return name !== undefined && email !== undefined ? `${name} <${email}>` : (name ?? email);
}
