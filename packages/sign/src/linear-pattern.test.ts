import { expect, test } from "vitest";
import { compileLinearPattern } from "./linear-pattern.ts";

// A small generator of its own, so that a difference is found again by its seed.
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const atoms = [
  "a",
  "b",
  "-",
  ".",
  "[ab]",
  "[^a]",
  "[a-c_]",
  "[j-s]",
  String.raw`\w`,
  String.raw`\W`,
  String.raw`\d`,
  String.raw`\.`,
];
const signs = ["", "", "", "*", "+", "?", "*?", "{2}", "{0}", "{1,}", "{0,2}", "{1,3}?"];
const assertions = ["^", "$", String.raw`\b`, String.raw`\B`];

function patternOf(random: (below: number) => number, depth: number): string {
  const count = random(4);
  let text = "";
  for (let number = 0; number < count; number += 1) {
    const choice = random(10);
    if (choice === 0) text += assertions[random(assertions.length)] ?? "";
    else if (choice < 4 && depth > 0) {
      const opening = ["(", "(?:", `(?<n${depth}_${number}_${random(1_000_000)}>`][random(3)] ?? "(";
      text += `${opening}${patternOf(random, depth - 1)})${signs[random(signs.length)]}`;
    } else text += `${atoms[random(atoms.length)]}${signs[random(signs.length)]}`;
  }
  return random(4) === 0 && depth > 0 ? `${text}|${patternOf(random, depth - 1)}` : text;
}

test("4,000 patterns answer as JavaScript's own expressions do over the whole text (SIGN-5)", () => {
  const random = randomOf(20_261_121);
  // The last two are what /s/iu and /k/iu take besides.
  const alphabet = ["a", "b", "A", "-", ".", "_", "1", "\n", "é", "s", "k", "\u017F", "\u212A"];
  let matched = 0;
  for (let number = 0; number < 4_000; number += 1) {
    const pattern = new RegExp(patternOf(random, 3), ["", "i", "s", "u", "is"][random(5)]);
    const own = new RegExp(`^(?:${pattern.source})$`, pattern.flags);
    const linear = compileLinearPattern(pattern);
    for (let text = 0; text < 12; text += 1) {
      const name = Array.from({ length: random(7) }, () => alphabet[random(alphabet.length)]).join("");
      const wanted = own.test(name);
      if (wanted) matched += 1;
      expect(linear.matches(name), `${pattern} on ${JSON.stringify(name)}`).toBe(wanted);
    }
  }
  expect(matched).toBeGreaterThan(2_000);
});
