/** The parts of a version of a gem: numbers, and words, which stand before every number. */
function segmentsOf(version: string): readonly (bigint | string)[] {
  const parts = version.replaceAll("-", ".pre.").match(/\d+|[A-Za-z]+/g) ?? [];
  return parts.map((part) => (/^\d/.test(part) ? BigInt(part) : part));
}

function compareGemVersions(left: string, right: string): number {
  const one = segmentsOf(left);
  const other = segmentsOf(right);
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const order = compareSegments(one[at] ?? 0n, other[at] ?? 0n);
    if (order !== 0) return order;
  }
  return 0;
}

function compareSegments(left: bigint | string, right: bigint | string): number {
  if (left === right) return 0;
  if (typeof left !== typeof right) return typeof left === "string" ? -1 : 1;
  return left < right ? -1 : 1;
}

/** The version that `~>` stays below: without what is behind the last number but one, and that one counted up. */
function bumped(version: string): string {
  const numbers = [...segmentsOf(released(version))];
  if (numbers.length > 1) numbers.pop();
  return numbers.map((number, at) => (at === numbers.length - 1 ? BigInt(number) + 1n : number)).join(".");
}

/** The version that a pre-release leads to. */
function released(version: string): string {
  const segments = segmentsOf(version);
  const word = segments.findIndex((segment) => typeof segment === "string");
  return (word === -1 ? segments : segments.slice(0, word)).join(".");
}

function isPrerelease({ version }: { readonly version: string }): boolean {
  return /[A-Za-z]/.test(version);
}

function meets(version: string, condition: string): boolean {
  const match = /^(=|!=|>=|<=|~>|>|<)?\s*([\w.-]+)$/.exec(condition.trim());
  if (match === null) return true;
  const [, operator = "=", wanted = ""] = match;
  const order = compareGemVersions(version, wanted);
  if (operator === "~>") return order >= 0 && compareGemVersions(released(version), bumped(wanted)) < 0;
  if (operator === "!=") return order !== 0;
  return (
    (order === 0 && operator.includes("=")) ||
    (order < 0 ? operator.startsWith("<") : order > 0 && operator.startsWith(">"))
  );
}

/**
 * The one of several versions of a gem that RubyGems takes for a dependency: the highest that meets all its conditions,
 * a pre-release only where nothing else does; `undefined` when none does. A condition that cannot be read is met by all.
 */
export function chosenGem<Copy extends { readonly version: string }>(
  copies: readonly Copy[],
  conditions: readonly string[],
): Copy | undefined {
  const meeting = copies.filter(({ version }) => conditions.every((condition) => meets(version, condition)));
  const [first, ...others] = meeting.every(isPrerelease) ? meeting : meeting.filter((copy) => !isPrerelease(copy));
  let best = first;
  for (const copy of others) if (best !== undefined && compareGemVersions(copy.version, best.version) > 0) best = copy;
  return best;
}
