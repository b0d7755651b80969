/** One challenge of a 401: how a server wants to be convinced. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Parameters by lower-case name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const maxHeaderLength = 8192;

/**
 * The challenges of a `WWW-Authenticate` header, also when several stand in one field. What cannot be read is left out.
 *
 * @see RFC 9110, section 11.6.1
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  if (header === undefined) return [];
  const scanner = new Scanner(header.slice(0, maxHeaderLength));
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  while (!scanner.atEnd) {
    scanner.skip(" \t,");
    const word = scanner.token().toLowerCase();
    if (word === "") {
      scanner.advance();
      continue;
    }
    const afterWord = scanner.position;
    scanner.skip(" \t");
    if (!scanner.take("=")) {
      scanner.position = afterWord;
      challenges.push({ scheme: word, parameters: Object.create(null) });
      continue;
    }
    scanner.skip(" \t");
    const value = scanner.value();
    const current = challenges.at(-1);
    // The first value stands, so that a repeated parameter cannot replace what was checked.
    if (current !== undefined && !(word in current.parameters)) current.parameters[word] = value;
  }
  return challenges;
}

class Scanner {
  readonly #text: string;
  position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.#text.length;
  }

  advance(): void {
    this.position += 1;
  }

  skip(characters: string): void {
    while (!this.atEnd && characters.includes(this.#text[this.position] ?? "")) this.position += 1;
  }

  take(character: string): boolean {
    if (this.#text[this.position] !== character) return false;
    this.position += 1;
    return true;
  }

  token(): string {
    const start = this.position;
    while (!this.atEnd && !' \t,="'.includes(this.#text[this.position] ?? "")) this.position += 1;
    return this.#text.slice(start, this.position);
  }

  value(): string {
    return this.take('"') ? this.#quoted() : this.token();
  }

  #quoted(): string {
    let out = "";
    while (!this.atEnd) {
      const character = this.#text[this.position] ?? "";
      this.position += 1;
      if (character === '"') return out;
      if (character === "\\") {
        out += this.#text[this.position] ?? "";
        this.position += 1;
      } else {
        out += character;
      }
    }
    return out;
  }
}
