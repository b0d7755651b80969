import { isScError, type ScError } from "@sc/model";
import { displayCode, hintOf } from "../exit-code.ts";
import { printable, wrap } from "./printable.ts";
import type { Style } from "./style.ts";

const labelWidth = 10;

/**
 * An error for people, in its four parts: what failed and its code, on what and what was seen, what to do, where more
 * is said.
 */
export function formatError(error: unknown, style: Style, verbose: boolean): string {
  const known = isScError(error);
  const code = displayCode(known ? error.code : "UNEXPECTED");
  const own = error instanceof Error && error.message !== "" ? error.message : String(error);
  const width = Math.min(style.columns, 100) - style.bad.length - 1;
  const [first = "", ...rest] = wrap(
    withSuggestion(`${code}  ${printable(withoutImage(own, error))}`, error, width),
    width,
  );
  const lines = [`${style.paint("bad", style.bad)} ${style.paint("strong", first)}`];
  lines.push(...rest.map((line) => `  ${line}`));
  for (const [label, text] of factsOf(error)) lines.push(...labelled(label, text, style));
  if (verbose && error instanceof Error) lines.push(...stackOf(error).map((line) => style.paint("dim", `  ${line}`)));
  return lines.join("\n");
}

/** The image is a line of its own below: a long name and a digest before what is wrong would push that out of sight. */
function withoutImage(message: string, error: unknown): string {
  const image = isScError(error) ? error.facts["image"] : undefined;
  return image !== undefined && message.startsWith(`${image}: `) ? message.slice(image.length + 2) : message;
}

/** A suggestion stands in the first line where there is room, else in the next. */
function withSuggestion(message: string, error: unknown, width: number): string {
  if (!isScError(error) || !isSuggestion(error)) return message;
  const hint = printable(error.hint ?? "");
  const joined = `${message}. ${hint}`;
  return joined.length <= width ? joined : `${message}\n${hint}`;
}

function isSuggestion(error: ScError): boolean {
  return error.hint?.startsWith("Did you mean") ?? false;
}

function factsOf(error: unknown): readonly (readonly [string, string])[] {
  if (!isScError(error)) return [["try", "the same with -v, which shows where it failed"]];
  // The bare codes stand in what was answered, and in the JSON document.
  const facts = Object.entries(error.facts).filter(([label]) => label !== "codes");
  if (isSuggestion(error)) return facts;
  const hint = hintOf(error);
  const next = hint === undefined ? [] : [["try", hint] as const];
  return [...facts, ...next, ["more", `sc help ${displayCode(error.code)}`]];
}

function labelled(label: string, text: string, style: Style): readonly string[] {
  const width = Math.min(style.columns, 100) - 2 - labelWidth;
  const name = `${printable(label)} `.padEnd(labelWidth);
  return text
    .split("\n")
    .flatMap((part) => wrap(printable(part), width))
    .map((line, index) => `  ${style.paint("dim", index === 0 ? name : " ".repeat(labelWidth))}${line}`);
}

function stackOf(error: Error): readonly string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current instanceof Error && depth < 8; depth += 1) {
    const stack = current.stack ?? `${current.name}: ${current.message}`;
    const text = depth === 0 ? stack : `caused by ${stack}`;
    lines.push(...text.split("\n").map(printable));
    current = current.cause;
  }
  return lines;
}
