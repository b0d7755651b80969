/** One way to do the job; it says how long it took. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Sample>;
}

/** One run of a contender. */
export interface Sample {
  readonly milliseconds: number;
  /** Peak resident memory of the process that did it, in MiB, where it is known. */
  readonly peakMiB?: number;
}

/** What the runs of one contender come to. */
export interface Measured {
  readonly name: string;
  readonly best: number;
  readonly median: number;
  readonly peakMiB: number | undefined;
}

/**
 * Runs contenders in turn, so many rounds, so that a noisy machine is unfair to all of them alike.
 *
 * One round before the first is not counted: it fills the page cache.
 */
export async function measure(contenders: readonly Contender[], rounds: number): Promise<readonly Measured[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of contenders) {
      const sample = await run();
      if (round > 0) samples.get(name)?.push(sample);
    }
  }
  return [...samples].map(([name, runs]) => {
    const times = runs.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
    const peaks = runs.flatMap(({ peakMiB }) => peakMiB ?? []);
    return {
      name,
      best: times[0] ?? Number.NaN,
      median: times[times.length >> 1] ?? Number.NaN,
      peakMiB: peaks.length === 0 ? undefined : Math.max(...peaks),
    };
  });
}

/** How many times faster one contender was than another, by their medians. */
export function ratio(measured: readonly Measured[], fast: string, slow: string): number {
  const of = (name: string): number => measured.find((one) => one.name === name)?.median ?? Number.NaN;
  return of(slow) / of(fast);
}

/** The results as a table, each beside the speed it has relative to the first. */
export function formatTable(measured: readonly Measured[]): string {
  const [first] = measured;
  const lines = measured.map(({ name, best, median, peakMiB }) => {
    const speed = ((first?.median ?? Number.NaN) / median).toFixed(2);
    const peak = peakMiB === undefined ? "" : `${Math.round(peakMiB)} MiB`;
    return `${name.padEnd(44)} ${speed.padStart(6)}x ${median.toFixed(0).padStart(8)} ${best.toFixed(0).padStart(8)} ${peak.padStart(9)}`;
  });
  return [`${"".padEnd(44)}  speed  median ms  best ms      peak`, ...lines].join("\n");
}
