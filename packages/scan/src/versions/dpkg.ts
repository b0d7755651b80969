import { compareDecimals } from "../decimal.ts";
import type { VersionScheme } from "../version-scheme.ts";

/** A Debian version, taken apart. */
export interface DpkgVersion {
  readonly epoch: string;
  readonly upstream: string;
  readonly revision: string;
}

const maxEpoch = "2147483647";

/**
 * The order of Debian and its derivatives: `[epoch:]upstream[-revision]`, alternating runs of other characters and of
 * digits, `~` before the end, letters before everything else.
 *
 * @see deb-version(7)
 */
export const dpkg: VersionScheme<DpkgVersion> = {
  id: "dpkg",
  parse(text: string): DpkgVersion | undefined {
    const version = text.trim();
    const colon = version.indexOf(":");
    // dpkg reads the epoch as C reads a number, which may have a sign.
    const epoch = colon === -1 ? "0" : version.slice(0, colon).replace(/^\+/, "");
    if (!/^\d+$/.test(epoch) || compareDecimals(epoch, maxEpoch) > 0) return undefined;
    const rest = version.slice(colon + 1);
    const dash = rest.lastIndexOf("-");
    const upstream = dash === -1 ? rest : rest.slice(0, dash);
    const revision = dash === -1 ? "" : rest.slice(dash + 1);
    if (!/^[0-9A-Za-z.+~:-]+$/.test(upstream)) return undefined;
    if (dash !== -1 && !/^[0-9A-Za-z.+~]+$/.test(revision)) return undefined;
    return { epoch, upstream, revision };
  },
  compare(left: DpkgVersion, right: DpkgVersion): number {
    return (
      compareDecimals(left.epoch, right.epoch) ||
      compareParts(left.upstream, right.upstream) ||
      compareParts(left.revision, right.revision)
    );
  },
};

function compareParts(left: string, right: string): number {
  let leftAt = 0;
  let rightAt = 0;
  while (leftAt < left.length || rightAt < right.length) {
    while (isOther(left, leftAt) || isOther(right, rightAt)) {
      const order = weigh(left, leftAt) - weigh(right, rightAt);
      if (order !== 0) return Math.sign(order);
      leftAt += 1;
      rightAt += 1;
    }
    const leftEnd = endOfDigits(left, leftAt);
    const rightEnd = endOfDigits(right, rightAt);
    const order = compareDecimals(left.slice(leftAt, leftEnd), right.slice(rightAt, rightEnd));
    if (order !== 0) return order;
    leftAt = leftEnd;
    rightAt = rightEnd;
  }
  return 0;
}

function isOther(text: string, at: number): boolean {
  return at < text.length && !isDigit(text.charCodeAt(at));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

// The end of the text and a digit weigh nothing, `~` less than nothing, letters their code, the rest more than those.
function weigh(text: string, at: number): number {
  if (!isOther(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 126) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return end;
}
