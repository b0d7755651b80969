/** One way to do the job; it says how long it took. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Sample>;
}

/** One run of a contender. */
export interface Sample {
  readonly milliseconds: number;
  /** Processor time of all its threads, user and system: what the load of the machine falsifies least. */
  readonly cpuMilliseconds: number;
  /** Processor time of the main thread alone, where it is known: with two threads, what the other one has is the rest. */
  readonly mainMilliseconds?: number;
  /** Peak resident memory of the process that did it, in MiB, where it is known. */
  readonly peakMiB?: number;
}

/** What the runs of one contender come to. */
export interface Measured {
  readonly name: string;
  readonly best: number;
  readonly median: number;
  readonly cpuBest: number;
  readonly cpuMedian: number;
  readonly peakMiB: number | undefined;
  /** Processor time of the main thread. */
  readonly mainMedian: number | undefined;
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
    const cpu = runs.map(({ cpuMilliseconds }) => cpuMilliseconds).toSorted((a, b) => a - b);
    const main = runs.flatMap(({ mainMilliseconds }) => mainMilliseconds ?? []).toSorted((a, b) => a - b);
    const peaks = runs.flatMap(({ peakMiB }) => peakMiB ?? []);
    return {
      name,
      best: times[0] ?? Number.NaN,
      median: times[times.length >> 1] ?? Number.NaN,
      cpuBest: cpu[0] ?? Number.NaN,
      cpuMedian: cpu[cpu.length >> 1] ?? Number.NaN,
      mainMedian: main[main.length >> 1],
      peakMiB: peaks.length === 0 ? undefined : Math.max(...peaks),
    };
  });
}

/** What two contenders are compared by. */
export type Measure = "median" | "cpuMedian" | "mainMedian";

/** How many times faster, or cheaper, one contender was than another, by their medians. */
export function ratio(
  measured: readonly Measured[],
  by: Measure,
  { fast, slow }: { readonly fast: string; readonly slow: string },
): number {
  const of = (name: string): number => measured.find((one) => one.name === name)?.[by] ?? Number.NaN;
  return of(slow) / of(fast);
}

/** The results as a table, each beside the speed it has relative to the first. */
export function formatTable(measured: readonly Measured[]): string {
  const [first] = measured;
  const lines = measured.map(({ name, best, median, cpuBest, cpuMedian, peakMiB, mainMedian }) => {
    const speed = ((first?.median ?? Number.NaN) / median).toFixed(2);
    const cheapness = ((first?.cpuMedian ?? Number.NaN) / cpuMedian).toFixed(2);
    const peak = peakMiB === undefined ? "" : `${Math.round(peakMiB)} MiB`;
    const times = [median, best, cpuMedian, cpuBest].map((time) => time.toFixed(0).padStart(9)).join("");
    return `${name.padEnd(42)} ${speed.padStart(6)}x ${cheapness.padStart(6)}x${times} ${peak.padStart(9)} ${(mainMedian?.toFixed(0) ?? "").padStart(8)}`;
  });
  const head = `${"".padEnd(42)}   speed  1/cpu   median     best  cpu med cpu best      peak main cpu`;
  return [head, ...lines].join("\n");
}
