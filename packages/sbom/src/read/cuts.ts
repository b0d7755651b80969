import { limits } from "../limits.ts";

/** What limits kept from being read, one sentence each, while one file is read; nothing is noted outside of a reading. */
let noted: Set<string> | undefined;

/**
 * Runs synchronous work and gives what it gave, with a sentence for every limit that kept it from something. Parsers note
 * a cut where they make it, many calls down: who adds a limit cannot forget to pass on that it was hit.
 */
export function collectCuts<Result>(work: () => Result): { readonly result: Result; readonly cuts: readonly string[] } {
  const outer = noted;
  noted = new Set();
  try {
    const result = work();
    return { result, cuts: [...noted] };
  } finally {
    noted = outer;
  }
}

/** Notes that a limit kept something from being read. The same sentence is noted once. */
export function noteCut(what: string): void {
  if (noted !== undefined && noted.size < limits.maxFaults) noted.add(what);
}

/** Whether a list has room for one more; else that is noted: `what` names the things in it. */
export function hasRoom(count: number, most: number, what: string): boolean {
  if (count < most) return true;
  noteCut(`more than ${most} ${what}`);
  return false;
}

/** The first of a list, up to `most`; that there are more is noted. */
export function firstOf<Item>(list: readonly Item[], most: number, what: string): readonly Item[] {
  return hasRoom(list.length - 1, most, what) ? list : list.slice(0, most);
}

/** What `String.split` gives, up to `most` parts; that there are more is noted. */
export function splitFirst(text: string, separator: string | RegExp, most: number, what: string): readonly string[] {
  return firstOf(text.split(separator, most + 1), most, what);
}
