/** Removes the given secrets from text, so that no path of the program, however unforeseen, shows one. */
export type Redact = (text: string) => string;

/** Secrets shorter than this are left: they would hide ordinary words, and are no secrets. */
const minimumLength = 4;

/** A function that replaces every secret, also in its base64 and URL-encoded forms. */
export function createRedact(secrets: readonly string[]): Redact {
  const forms = new Set<string>();
  for (const secret of secrets.filter(({ length }) => length >= minimumLength)) {
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    forms.add(
      Buffer.from(secret)
        .toString("base64")
        .replace(/={1,2}$/, ""),
    );
    forms.add(JSON.stringify(secret).slice(1, -1));
  }
  const longestFirst = [...forms].toSorted((left, right) => right.length - left.length);
  return (text) => longestFirst.reduce((shown, form) => shown.replaceAll(form, "***"), text);
}
