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

function countLeadingZeros(digits: string): number {
  let zeros = 0;
  while (digits.charCodeAt(zeros) === 48) zeros += 1;
  return zeros;
}
