import {
  formatCount,
  formatWhole,
  type Finding,
  type Inventory,
  type InventorySubject,
  type JsonValue,
  type Severity,
} from "@sc/model";
import {
  applyBaseline,
  applyWaivers,
  endOfLife as endOfLifeRule,
  evaluate,
  findGone,
  type KnownFinding,
  type Rule,
  severity,
  type Waived,
  type Waiver,
} from "@sc/policy";
import {
  type AdvisoryDatabase,
  applyVex,
  type Comparison,
  describeEndOfLife,
  describeScanners,
  ecosystemsOf,
  endOfLife,
  matchInventory,
  mergeFindings,
  type NamedFindings,
  openDatabase as openAdvisories,
  resolveScanners,
  type ScannerFacts,
  type ScannerName,
  type ScanReport,
  type VexDocument,
} from "@sc/scan";
import type { PipelineCall } from "./connect.ts";
import { openDatabasePlace } from "./database-place.ts";
import { countTypes, subjectOf } from "./inventory.ts";
import type { OpenedImage } from "./open-image.ts";
import { bytesOf, type ResultCacheOptions } from "./result-cache.ts";
import { type Matched, matchedIn, openScanCache } from "./scan-cache.ts";
import { runStage } from "./stage.ts";

/**
 * Opens the advisory database in a folder. With a connection, parts that it was fetched without are fetched from where
 * it came from when a scan needs them. Throws `DATABASE_MISSING` and what `openDatabase` of @sc/scan throws.
 */
export async function openDatabase(
  path: string,
  { signal, connection }: Pick<PipelineCall, "signal" | "connection"> = {},
): Promise<AdvisoryDatabase> {
  signal?.throwIfAborted();
  if (connection === undefined) return await openAdvisories(path);
  return await openAdvisories(path, { openPlace: (place, call) => openDatabasePlace(place, connection, call) });
}

/** How an inventory is scanned and judged. */
export interface ScanOptions extends Pick<PipelineCall, "signal" | "onProgress"> {
  /** Findings of this severity or a graver one are a violation. */
  readonly failOn?: Severity | undefined;
  /** The same for a warning. */
  readonly warnOn?: Severity | undefined;
  /** Judges only findings that an upgrade would mend. */
  readonly onlyFixed?: boolean | undefined;
  /** Packages that could not be compared are a violation. */
  readonly failOnUnknown?: boolean | undefined;
  /** A release of a distribution that is no longer maintained is a violation. */
  readonly failOnEndOfLife?: boolean | undefined;
  /** Whether matches that say less than they seem to are set aside; true by default. */
  readonly setAside?: boolean | undefined;
  /** Findings that are accepted, each with a reason. */
  readonly waivers?: readonly Waiver[] | undefined;
  /** VEX documents; of what they say of one finding the latest holds. */
  readonly vex?: readonly VexDocument[] | undefined;
  /** What was there before, each with the name of what it was in: those findings do not count. */
  readonly baselines?: readonly Baseline[] | undefined;
  /** The scanners that were asked for by name; `osv` alone by default. All of them are served by it. */
  readonly scanners?: readonly (ScannerName | "all")[] | undefined;
  /** The policy in the user's own words, for the report; by the options that are gates when not said. */
  readonly policy?: string | undefined;
  /** The present: what waivers are measured by. */
  readonly now?: Date | undefined;
  /** The program's version, for the report. */
  readonly version: string;
}

/** What was found in an earlier scan, or in something that the image is built on. */
export interface Baseline {
  readonly source: string;
  readonly findings: readonly KnownFinding[];
  /** How many of them counted, by severity. */
  readonly severities: Comparison["before"];
}

/**
 * What an advisory database knows of an inventory, with a verdict where a gate is asked for. A violation is a value,
 * not an exception. Throws `WAIVER_INVALID`, `DATABASE_CORRUPT`, `DATABASE_PARTIAL`.
 */
export async function scan(what: Inventory, database: AdvisoryDatabase, options: ScanOptions): Promise<ScanReport> {
  const { signal, onProgress } = options;
  const stage = { name: "match", subject: what.subject.name, call: { signal, onProgress }, detail: describeReport };
  return await runStage(stage, async () =>
    judge({ ...(await match(what, database, options)), subject: what.subject }, options),
  );
}

/** Where results of scans are kept, and by what besides the image and the database. */
export interface KeptScanOptions extends ScanOptions {
  readonly cache?: ResultCacheOptions | undefined;
  /** What decides which packages the inventory holds: its options. */
  readonly inventory: JsonValue;
}

/** How an open image is scanned, and where results are kept. */
export interface ScanImageOptions extends KeptScanOptions {
  /** Takes the inventory, where no result is kept. */
  readonly take: () => Promise<Inventory>;
}

/**
 * The same of an open image, whose inventory is only taken where no result of this very image, database and options is
 * kept. What is kept is what was found: waivers, VEX, baselines and gates are applied anew each time. A folder and a
 * file system without manifest are always read.
 */
export async function scanImage(
  opened: OpenedImage,
  database: AdvisoryDatabase,
  options: ScanImageOptions,
): Promise<ScanReport> {
  const { report } = await scanKept(subjectOf(opened), database, options);
  return report;
}

/** The same, told of by what it is about; says whether the result is one that was kept. */
export async function scanKept(
  subject: InventorySubject,
  database: AdvisoryDatabase,
  options: ScanImageOptions,
): Promise<{ readonly report: ScanReport; readonly cached: boolean }> {
  const { signal, onProgress, cache, take, inventory, setAside = true, now = new Date() } = options;
  signal?.throwIfAborted();
  const { digest, type } = subject;
  if (cache === undefined || digest === undefined || type !== "image") {
    return { report: await scan(await take(), database, options), cached: false };
  }
  const began = performance.now();
  const kept = openScanCache(cache, onProgress);
  const key = { image: digest, database: database.facts.digest, options: { inventory, setAside } };
  const known = kept.recall(key, now);
  if (known === undefined) {
    const what = await take();
    const stage = { name: "match", subject: subject.name, call: { signal, onProgress }, detail: describeReport };
    const report = await runStage(stage, async () => {
      const matched = await match(what, database, options);
      if (!matched.incomplete) await kept.keep(key, { facts: {}, bytes: bytesOf(matched) }, now);
      return judge({ ...matched, subject: what.subject }, options);
    });
    return { report, cached: false };
  }
  const report = judge({ ...matchedIn(known.bytes), subject }, options);
  const milliseconds = Math.round(performance.now() - began);
  const detail = `${describeReport(report)}, from cache`;
  onProgress?.({ type: "stage", subject: subject.name, stage: "match", state: "cached", milliseconds, detail });
  return { report, cached: true };
}

async function match(
  what: Inventory,
  database: AdvisoryDatabase,
  { setAside = true, signal, onProgress }: ScanOptions,
): Promise<Matched> {
  await database.complete(ecosystemsOf(what), { signal, onProgress });
  const { findings, coverage, database: facts } = matchInventory(what, database, { setAside });
  return {
    ...(what.distribution === undefined ? {} : { distribution: what.distribution }),
    packages: countTypes(what.packages),
    layers: what.layers.length,
    findings,
    coverage,
    database: facts,
    problems: what.problems,
    incomplete: what.incomplete,
  };
}

function judge(matched: Matched & Pick<ScanReport, "subject">, options: ScanOptions): ScanReport {
  const { policy = describeGate(options), now = new Date(), version, scanners: names = [], baselines = [] } = options;
  const scanners = resolveScanners(names);
  const { subject, distribution, coverage } = matched;
  const ended = distribution === undefined ? undefined : endOfLife(distribution, { now });
  const found = scanners.length > 1 ? mergeFindings(servedBy(scanners, matched.findings)) : matched.findings;
  const { findings, warnings } = suppress(found, subject, { ...options, now });
  const rules = rulesOf(options);
  const judged = evaluate(
    { findings, coverage, ...(ended === undefined ? {} : { endOfLife: describeEndOfLife(ended) }) },
    rules,
  );
  const verdict = { ...judged, warnings: [...judged.warnings, ...warnings] };
  return {
    sc: version,
    ...matched,
    findings,
    ...(ended === undefined ? {} : { endOfLife: ended }),
    ...(baselines.length === 0 ? {} : { comparisons: baselines.map((one) => compare(one, findings)) }),
    scanned: now.toISOString(),
    ...(rules.length > 0 || warnings.length > 0 ? { verdict } : {}),
    ...(policy === undefined ? {} : { policy }),
    ...(describeScanners(scanners) === undefined ? {} : { scanners }),
  };
}

function compare({ source, findings: known, severities }: Baseline, findings: readonly Finding[]): Comparison {
  const counted = findings.filter(({ suppressed }) => suppressed === undefined);
  return { source, before: severities, added: counted.length, gone: findGone(findings, known).length };
}

// One engine answers in all names, so that it is asked once.
function servedBy(scanners: readonly ScannerFacts[], findings: readonly Finding[]): readonly NamedFindings[] {
  return scanners.map(({ name }) => ({ scanner: name, findings }));
}

// The rules that the options ask for; none where there is no gate.
function rulesOf({ failOn, warnOn, onlyFixed, failOnUnknown, failOnEndOfLife }: ScanOptions): readonly Rule[] {
  const settings = {
    ...(failOn === undefined ? {} : { failOn }),
    ...(warnOn === undefined ? {} : { warnOn }),
    ...(onlyFixed === undefined ? {} : { onlyFixed }),
    ...(failOnUnknown === undefined ? {} : { failOnUnknown }),
  };
  const isGraded = failOn !== undefined || warnOn !== undefined || failOnUnknown === true;
  const isDated = failOnEndOfLife === true;
  return [
    // Asked of findings, too, where only the end of life is a gate: that nothing was compared is a warning then.
    ...(isGraded || isDated ? [severity.configure(settings)] : []),
    ...(isDated ? [endOfLifeRule.configure({})] : []),
  ];
}

// The gate by its options, where nobody named it in words of their own.
function describeGate({ failOn, failOnUnknown = false, failOnEndOfLife = false }: ScanOptions): string | undefined {
  const words = [
    ...(failOn === undefined ? [] : [`failOn: ${failOn}`]),
    ...(failOnUnknown ? ["failOnUnknown"] : []),
    ...(failOnEndOfLife ? ["failOnEndOfLife"] : []),
  ];
  return words.length === 0 ? undefined : words.join(", ");
}

// VEX first: what is not affected need not be accepted. Then what was accepted, then what was there before.
function suppress(
  matched: readonly Finding[],
  subject: InventorySubject,
  { vex = [], waivers = [], baselines = [], now }: ScanOptions & { readonly now: Date },
): Waived {
  const statements = vex.flatMap((document) => document.statements);
  const { findings, warnings } = applyWaivers(applyVex(matched, statements, { subject }), waivers, { now });
  const left = baselines.reduce<readonly Finding[]>(
    (kept, { findings: known, source }) => applyBaseline(kept, known, { source }),
    findings,
  );
  return { findings: left, warnings };
}

function describeReport({ findings, coverage, database }: ScanReport): string {
  const counted = findings.filter(({ suppressed }) => suppressed === undefined).length;
  const gap = coverage.uncompared === 0 ? "" : `, ${formatWhole(coverage.uncompared)} not compared`;
  return `${formatCount(counted, "vulnerability")}${gap}, database ${database.built.slice(0, 10)}`;
}
