/** Does work to every item, at most `jobs` at a time, and keeps the order. The first rejection ends it. */
export async function eachOf<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results.set(index, await work(item, index));
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, items.length)) }, lane));
  return [...results].toSorted(([left], [right]) => left - right).map(([, result]) => result);
}
