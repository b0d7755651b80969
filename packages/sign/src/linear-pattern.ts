import { ScError } from "@sc/model";

/** A pattern that is matched against whole texts, in a time that grows with the length of the text and no faster. */
export interface LinearPattern {
  /** Whether the pattern matches the whole text. */
  matches(text: string): boolean;
}

type Assertion = "start" | "end" | "boundary" | "inside";

type Node =
  | { readonly kind: "one"; readonly is: RegExp }
  | { readonly kind: "assertion"; readonly at: Assertion }
  | { readonly kind: "sequence" | "choice"; readonly items: readonly Node[] }
  | { readonly kind: "repetition"; readonly item: Node; readonly least: number; readonly most: number | undefined };

type Step =
  | { readonly kind: "one"; readonly is: RegExp }
  | { readonly kind: "assertion"; readonly at: Assertion }
  | { kind: "fork"; to: number; or: number };

// A pattern is the user's own; these only keep a slip, such as a repetition of repetitions, from taking all memory.
const maxSteps = 2_000;
const maxDepth = 50;

/**
 * The pattern that an expression is, for a machine that keeps all its states at once (Thompson's): JavaScript's own goes
 * back and tries again, which on a text that an attacker chose may take for ever. What such a machine cannot do, or Go's
 * and JavaScript's syntax disagree about, is refused by its name. Throws `POLICY_INVALID`.
 *
 * @see https://swtch.com/~rsc/regexp/regexp1.html
 */
export function compileLinearPattern(pattern: RegExp): LinearPattern {
  const reader = new PatternReader(pattern);
  const program: Step[] = [];
  emit(reader.read(), program, pattern);
  return { matches: (text) => run(program, text) };
}

class PatternReader {
  readonly #pattern: RegExp;
  readonly #flags: string;
  #at = 0;
  #depth = 0;

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
    // Flags that let a part of the text, or one line of it, count as the whole are left out.
    this.#flags = pattern.flags.replaceAll(/[^is]/g, "");
    if (pattern.flags.includes("v")) throw unsupported(pattern, "the flag v");
  }

  read(): Node {
    const node = this.#choice();
    if (this.#at < this.#pattern.source.length) throw unsupported(this.#pattern, ")");
    return node;
  }

  get #rest(): string {
    return this.#pattern.source.slice(this.#at);
  }

  #choice(): Node {
    const items = [this.#sequence()];
    while (this.#rest.startsWith("|")) {
      this.#at += 1;
      items.push(this.#sequence());
    }
    return { kind: "choice", items };
  }

  #sequence(): Node {
    const items: Node[] = [];
    while (this.#rest !== "" && !/^[|)]/.test(this.#rest)) items.push(this.#repeated(this.#atom()));
    return { kind: "sequence", items };
  }

  #repeated(item: Node): Node {
    // Greedy or not makes no difference to whether the whole text matches.
    const found = /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??/.exec(this.#rest);
    if (found === null) return item;
    const [text, sign, least = "0", comma, most = ""] = found;
    this.#at += text.length;
    if (/^[*+?{]/.test(this.#rest)) throw unsupported(this.#pattern, `${text}${this.#rest.slice(0, 1)}`);
    if (item.kind === "assertion") throw unsupported(this.#pattern, `a repeated assertion, ${text}`);
    if (sign === "*") return { kind: "repetition", item, least: 0, most: undefined };
    if (sign === "+") return { kind: "repetition", item, least: 1, most: undefined };
    if (sign === "?") return { kind: "repetition", item, least: 0, most: 1 };
    const bound = most === "" ? undefined : Number(most);
    return { kind: "repetition", item, least: Number(least), most: comma === undefined ? Number(least) : bound };
  }

  #atom(): Node {
    const [piece] =
      /^(?:\((?:\?(?:<?[=!]|:|<[A-Za-z]\w*>|.?))?|\[\^?(?:[^\]\\]|\\.)*\]?|\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|.)?|.)/su.exec(
        this.#rest,
      ) ?? [""];
    this.#at += piece.length;
    if (piece.startsWith("(")) return this.#group(piece);
    if (piece === "^") return { kind: "assertion", at: "start" };
    if (piece === "$") return { kind: "assertion", at: "end" };
    if (piece === "\\b") return { kind: "assertion", at: "boundary" };
    if (piece === "\\B") return { kind: "assertion", at: "inside" };
    if (!isAtom(piece)) throw unsupported(this.#pattern, piece);
    return { kind: "one", is: this.#oneOf(piece) };
  }

  #group(opening: string): Node {
    if (!/^\((?:\?:|\?<\w+>)?$/.test(opening)) throw unsupported(this.#pattern, opening);
    this.#depth += 1;
    if (this.#depth > maxDepth) throw unsupported(this.#pattern, `more than ${maxDepth} groups in each other`);
    const node = this.#choice();
    this.#at += 1;
    this.#depth -= 1;
    return node;
  }

  // What one character is, JavaScript's own expressions tell: over one character they are as fast as anything.
  #oneOf(piece: string): RegExp {
    // With both flags JavaScript folds beyond ASCII: /s/iu takes "\u017f". Whoever wrote /s/i did not ask for that.
    if (this.#flags.includes("i") && !this.#pattern.flags.includes("u")) return new RegExp(`^${piece}$`, this.#flags);
    try {
      return new RegExp(`^${piece}$`, `${this.#flags}u`);
    } catch {
      return new RegExp(`^${piece}$`, this.#flags);
    }
  }
}

const knownEscape = String.raw`\\(?:[dDwWsStnrfv]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|[^A-Za-z0-9])`;
const atom = new RegExp(String.raw`^(?:[^\\[(){*+?]|${knownEscape}|\[\^?(?:[^\]\\[]|${knownEscape})+\])$`, "su");

function isAtom(piece: string): boolean {
  return atom.test(piece);
}

function emit(node: Node, program: Step[], pattern: RegExp): void {
  if (program.length > maxSteps) throw unsupported(pattern, `more than ${maxSteps} steps`);
  switch (node.kind) {
    case "one":
    case "assertion":
      program.push(node);
      return;
    case "sequence":
      // What is empty is a step too, so that repeating it is bounded like everything else.
      if (node.items.length === 0) program.push({ kind: "fork", to: program.length + 1, or: program.length + 1 });
      for (const item of node.items) emit(item, program, pattern);
      return;
    case "choice":
      emitChoice(node.items, program, pattern);
      return;
    case "repetition":
      emitRepetition(node, program, pattern);
  }
}

function emitChoice(items: readonly Node[], program: Step[], pattern: RegExp): void {
  const exits: { to: number; or: number }[] = [];
  for (const [index, item] of items.entries()) {
    const last = index === items.length - 1;
    const fork = { kind: "fork" as const, to: program.length + 1, or: 0 };
    if (!last) program.push(fork);
    emit(item, program, pattern);
    if (last) continue;
    const exit = { kind: "fork" as const, to: 0, or: 0 };
    program.push(exit);
    exits.push(exit);
    fork.or = program.length;
  }
  for (const exit of exits) {
    exit.to = program.length;
    exit.or = program.length;
  }
}

function emitRepetition(
  { item, least, most }: Extract<Node, { kind: "repetition" }>,
  program: Step[],
  pattern: RegExp,
): void {
  for (let count = 0; count < least; count += 1) emit(item, program, pattern);
  if (most === undefined) {
    const fork = { kind: "fork" as const, to: program.length + 1, or: 0 };
    const start = program.push(fork) - 1;
    emit(item, program, pattern);
    program.push({ kind: "fork", to: start, or: start });
    fork.or = program.length;
    return;
  }
  const forks: { or: number }[] = [];
  for (let count = least; count < most; count += 1) {
    const fork = { kind: "fork" as const, to: program.length + 1, or: 0 };
    program.push(fork);
    forks.push(fork);
    emit(item, program, pattern);
  }
  for (const fork of forks) fork.or = program.length;
}

// All states at once: each is entered at most once per character, so the time is the length times the program's size.
function run(program: readonly Step[], text: string): boolean {
  const characters = Array.from(text);
  let states: ReadonlySet<number> = reach(program, [0], { characters, at: 0 });
  for (const [at, character] of characters.entries()) {
    const next: number[] = [];
    for (const state of states) {
      const step = program[state];
      if (step?.kind === "one" && step.is.test(character)) next.push(state + 1);
    }
    if (next.length === 0) return false;
    states = reach(program, next, { characters, at: at + 1 });
  }
  return states.has(program.length);
}

interface Place {
  readonly characters: readonly string[];
  readonly at: number;
}

function reach(program: readonly Step[], from: readonly number[], place: Place): ReadonlySet<number> {
  const reached = new Set<number>();
  const open = [...from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    const step = program[state];
    if (step?.kind === "fork") open.push(step.to, step.or);
    else if (step?.kind === "assertion" && holds(step.at, place)) open.push(state + 1);
  }
  return reached;
}

function holds(assertion: Assertion, { characters, at }: Place): boolean {
  if (assertion === "start") return at === 0;
  if (assertion === "end") return at === characters.length;
  const boundary = isWord(characters[at - 1]) !== isWord(characters[at]);
  return boundary === (assertion === "boundary");
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character);
}

function unsupported(pattern: RegExp, piece: string): ScError {
  const shown = JSON.stringify(pattern.source.slice(0, 200));
  return new ScError("POLICY_INVALID", `identity pattern ${shown}: cannot take ${JSON.stringify(piece.slice(0, 60))}`, {
    hint: "Write the pattern with characters, classes, groups, alternatives and repetitions alone.",
  });
}
