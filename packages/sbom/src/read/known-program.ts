import type { TextPattern } from "./find-text.ts";

/** A program that is known by the version in its binary. */
export interface KnownProgram {
  readonly name: string;
  /** Names of files without the version in them: `python` for `python3.11`, `libcrypto` for `libcrypto.so.3`. */
  readonly files: readonly string[];
  /** Vendor and product as vulnerability feeds call them. */
  readonly cpe: readonly [vendor: string, product: string];
  readonly patterns: readonly TextPattern[];
  /** A text that the file has to hold besides, where its version alone could be that of anything of its name. */
  readonly requires?: string;
  /** Set where the file is a script or an archive and no executable. */
  readonly plain?: true;
}

const number = String.raw`(\d+\.\d+\.\d+)`;

/** `literal` and a version of three numbers right behind it. */
export function behind(literal: string): TextPattern {
  return { literal, pattern: new RegExp(literal.replaceAll(/[().*+/@#$[\]]/g, String.raw`\$&`) + number) };
}
