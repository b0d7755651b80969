import { compareDecimals, compareTexts } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** One piece of a Maven version: a number, a qualifier, or everything behind a hyphen or a change of kind. */
export type MavenItem = MavenNumber | MavenQualifier | MavenList;

interface MavenNumber {
  readonly kind: "number";
  readonly digits: string;
}

interface MavenQualifier {
  readonly kind: "qualifier";
  readonly text: string;
}

interface MavenList {
  readonly kind: "list";
  readonly items: readonly MavenItem[];
}

const qualifiers = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const aliases: ReadonlyMap<string, string> = new Map([
  ["ga", ""],
  ["final", ""],
  ["release", ""],
  ["cr", "rc"],
]);
const shortForms: ReadonlyMap<string, string> = new Map([
  ["a", "alpha"],
  ["b", "beta"],
  ["m", "milestone"],
]);
/** Nesting is as deep as there are hyphens and changes of kind; more than this no real version has. */
const maxDepth = 500;

/**
 * The order of Maven's ComparableVersion: dots separate items of a list, a hyphen or a change between digits and
 * letters opens a list inside it, trailing zeros and releases do not count, and known qualifiers have their own order.
 *
 * It is that of Maven 3.6.0 to 3.8.6, which is osv.dev's and that of the published fixtures: since 3.8.7 Maven takes
 * some dots before a qualifier for a hyphen (`1.0.rc` is `1-rc` there). Ours goes round in circles there
 * (`1-1 < 1.0.rc < 1 < 1-1`); that of Maven 3.8.7 does not, it has `1.0.rc < 1 < 1-1`. What does not count between two
 * hyphens is dropped with the hyphen before it (`1-ga-1` is `1-1`), as the page below says and Maven's own code does not.
 *
 * @see https://maven.apache.org/pom.html#version-order-specification
 */
export const maven: VersionScheme<MavenItem> = {
  id: "maven",
  parse(text: string): MavenItem | undefined {
    return text === "" || /\s/.test(text) ? undefined : parseList(text.toLowerCase());
  },
  compare(left: MavenItem, right: MavenItem): number {
    return compareItems(left, right);
  },
};

type Open = MavenItem[];

function parseList(text: string): MavenItem | undefined {
  const lists: Open[] = [[]];
  const nest = (): void => {
    lists.push([]);
  };
  const add = (item: MavenItem): void => {
    lists.at(-1)?.push(item);
  };
  for (const { token, before, digitsFollow } of tokensOf(text)) {
    if (before === "-" || before === "change") nest();
    if (lists.length > maxDepth) return undefined;
    add(toItem(token, digitsFollow));
  }
  return close(lists);
}

interface Token {
  readonly token: string;
  /** What separates it from the token before. */
  readonly before: "" | "." | "-" | "change";
  readonly digitsFollow: boolean;
}

function* tokensOf(text: string): Generator<Token, void, undefined> {
  let before: Token["before"] = "";
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const sign = text[at];
    const ends = sign === undefined || sign === "." || sign === "-";
    const changes = !ends && at > start && isDigit(sign) !== isDigit(text[at - 1]);
    if (!ends && !changes) continue;
    const digitsFollow = changes && isDigit(sign);
    // Where nothing stands between two separators a zero is meant; a separator at the very end adds nothing.
    if (at > start || sign !== undefined) yield { token: text.slice(start, at), before, digitsFollow };
    before = sign === "." || sign === "-" ? sign : "change";
    start = ends ? at + 1 : at;
  }
}

function isDigit(sign: string | undefined): boolean {
  return sign !== undefined && sign >= "0" && sign <= "9";
}

function isNumeric(token: string): boolean {
  return token === "" || isDigit(token[0]);
}

function toItem(token: string, digitsFollow: boolean): MavenItem {
  if (isNumeric(token)) return { kind: "number", digits: token };
  const expanded = digitsFollow ? (shortForms.get(token) ?? token) : token;
  return { kind: "qualifier", text: aliases.get(expanded) ?? expanded };
}

// Each list is the last item of the one before it, so closing them from the innermost makes the whole tree.
function close(lists: Open[]): MavenItem {
  let inner: MavenList | undefined;
  for (const open of lists.toReversed()) {
    if (inner !== undefined) open.push(inner);
    const items = withoutTrailingNulls(open);
    inner = { kind: "list", items: open === lists[0] ? items : withoutShell(items) };
  }
  return inner ?? { kind: "list", items: [] };
}

function withoutTrailingNulls(items: Open): readonly MavenItem[] {
  const kept = [...items];
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    const item = kept[index];
    if (item === undefined) break;
    if (isNull(item)) kept.splice(index, 1);
    else if (item.kind !== "list") break;
  }
  return kept;
}

// A list that holds nothing but a list: what stood before its hyphen did not count, so that hyphen does not either.
function withoutShell(items: readonly MavenItem[]): readonly MavenItem[] {
  const [only] = items;
  return items.length === 1 && only?.kind === "list" ? only.items : items;
}

function isNull(item: MavenItem): boolean {
  if (item.kind === "number") return /^0*$/.test(item.digits);
  return item.kind === "qualifier" ? item.text === "" : item.items.length === 0;
}

const nothing: MavenList = { kind: "list", items: [] };
const ranks: Readonly<Record<MavenItem["kind"], number>> = { qualifier: 0, list: 1, number: 2 };

function compareItems(left: MavenItem, right: MavenItem): number {
  if (left.kind === "list" && right.kind === "list") return compareLists(left.items, right.items);
  if (left.kind === "number" && right.kind === "number") return compareDecimals(left.digits, right.digits);
  if (left.kind === "qualifier" && right.kind === "qualifier") return compareQualifiers(left.text, right.text);
  return ranks[left.kind] - ranks[right.kind];
}

function compareLists(left: readonly MavenItem[], right: readonly MavenItem[]): number {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const [leftItem, rightItem] = [left[index], right[index]];
    const order = compareWithAbsent(leftItem, rightItem);
    if (order !== 0) return order;
  }
  return 0;
}

function compareWithAbsent(left: MavenItem | undefined, right: MavenItem | undefined): number {
  if (left !== undefined && right !== undefined) return compareItems(left, right);
  if (left !== undefined) return compareToNothing(left);
  return right === undefined ? 0 : -compareToNothing(right);
}

function compareToNothing(item: MavenItem): number {
  if (item.kind === "number") return isNull(item) ? 0 : 1;
  if (item.kind === "qualifier") return compareQualifiers(item.text, "");
  return compareLists(item.items, nothing.items);
}

function compareQualifiers(left: string, right: string): number {
  const leftRank = qualifiers.indexOf(left);
  const rightRank = qualifiers.indexOf(right);
  if (leftRank < 0 && rightRank < 0) return compareTexts(left, right);
  return Math.sign((leftRank < 0 ? qualifiers.length : leftRank) - (rightRank < 0 ? qualifiers.length : rightRank));
}
