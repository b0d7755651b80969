/**
 * The order of two runs of decimal digits by their numeric value, whatever their length: exact where a number would
 * lose digits, linear where a big integer would not be. An empty run counts as zero.
 */
export function compareDecimals(left: string, right: string): number {
  const leftStart = countLeadingZeros(left);
  const rightStart = countLeadingZeros(right);
  const byLength = left.length - leftStart - (right.length - rightStart);
  if (byLength !== 0) return Math.sign(byLength);
  return compareTexts(left.slice(leftStart), right.slice(rightStart));
}

/** The order of two texts by their UTF-16 code units: the same on every machine, in every locale. */
export function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The order of two texts with the runs of digits in them taken as numbers: `CVE-2024-9` before `CVE-2024-10`. */
export function compareNaturally(left: string, right: string): number {
  const leftRuns = left.match(/\d+|\D/g) ?? [];
  const rightRuns = right.match(/\d+|\D/g) ?? [];
  const length = Math.min(leftRuns.length, rightRuns.length);
  for (let index = 0; index < length; index += 1) {
    const leftRun = leftRuns[index] ?? "";
    const rightRun = rightRuns[index] ?? "";
    const bothNumbers = /^\d/.test(leftRun) && /^\d/.test(rightRun);
    const order = bothNumbers ? compareDecimals(leftRun, rightRun) : compareTexts(leftRun, rightRun);
    if (order !== 0) return order;
  }
  return Math.sign(leftRuns.length - rightRuns.length);
}

function countLeadingZeros(digits: string): number {
  let zeros = 0;
  while (digits.charCodeAt(zeros) === 48) zeros += 1;
  return zeros;
}
