/** The number of single-character edits (insert, delete, replace, swap of neighbours) between two words. */
function distance(left: string, right: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) cost = Math.min(cost, (older[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    older = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

// Fewer letters than these say little of what was meant.
const minHeadLength = 3;

// A slip in the beginning of a longer word is only believed of a beginning of some length.
const minBeginningLength = 5;

/**
 * The candidate a mistyped word most likely meant: the nearest within min(3, two thirds of the shorter word) edits,
 * the first of equals; else the first that goes on where the word ends, as `spdx-json` does after `spdx`; else the first
 * whose beginning it is but for an edit, as `cyclonedx-json` for `cyclondx`; `undefined` when there is none.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly edits: number } | undefined;
  const typed = word.slice(0, 64).toLowerCase();
  let longer: string | undefined;
  let begun: string | undefined;
  for (const candidate of candidates) {
    if (typed.length >= minHeadLength && candidate.toLowerCase().startsWith(`${typed}-`)) longer ??= candidate;
    const [beginning = ""] = candidate.toLowerCase().split(/[-@]/, 1);
    if (beginning.length >= minBeginningLength && distance(typed, beginning) <= 1) begun ??= candidate;
    const edits = distance(typed, candidate.toLowerCase());
    const limit = Math.min(3, Math.floor((2 / 3) * Math.min(typed.length, candidate.length)));
    if (edits <= limit && (best === undefined || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate ?? longer ?? begun;
}
