/** The order of texts by their UTF-16 code units: the same on every machine, whatever its language. */
export function byCodeUnits(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The order by several texts, the first that differs deciding. */
export function byTexts(left: readonly string[], right: readonly string[]): number {
  for (const [index, text] of left.entries()) {
    const order = byCodeUnits(text, right[index] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
