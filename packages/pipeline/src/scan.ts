import type { Finding, Inventory, Severity } from "@sc/model";
import {
  applyBaseline,
  applyWaivers,
  endOfLife as endOfLifeRule,
  evaluate,
  type KnownFinding,
  type Rule,
  severity,
  type Waived,
  type Waiver,
} from "@sc/policy";
import {
  type AdvisoryDatabase,
  applyVex,
  describeEndOfLife,
  endOfLife,
  matchInventory,
  openDatabase as openAdvisories,
  type ScanReport,
  type VexDocument,
} from "@sc/scan";
import type { PipelineCall } from "./connect.ts";
import { countTypes } from "./inventory.ts";
import { runStage } from "./stage.ts";

/** Opens the advisory database in a folder. Throws `DATABASE_MISSING` and what `openDatabase` of @sc/scan throws. */
export async function openDatabase(path: string): Promise<AdvisoryDatabase> {
  return await openAdvisories(path);
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
  /** The scanner that was asked for by name, where it is not this one. */
  readonly asked?: string | undefined;
  /** The policy in the user's own words, for the report. */
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
}

/**
 * What an advisory database knows of an inventory, with a verdict where a gate is asked for. A violation is a value,
 * not an exception. Throws `WAIVER_INVALID`, `DATABASE_CORRUPT`.
 */
export async function scan(what: Inventory, database: AdvisoryDatabase, options: ScanOptions): Promise<ScanReport> {
  const { signal, onProgress } = options;
  const stage = { name: "match", subject: what.subject.name, call: { signal, onProgress }, detail: describeReport };
  return await runStage(stage, () => Promise.resolve(matchAndJudge(what, database, options)));
}

function matchAndJudge(what: Inventory, database: AdvisoryDatabase, options: ScanOptions): ScanReport {
  const { policy, now = new Date(), version, asked, setAside = true } = options;
  const matched = matchInventory(what, database, { setAside });
  const ended = what.distribution === undefined ? undefined : endOfLife(what.distribution, { now });
  const { findings, warnings } = suppress(matched.findings, what, { ...options, now });
  const rules = rulesOf(options);
  const judged = evaluate(
    {
      findings,
      coverage: matched.coverage,
      ...(ended === undefined ? {} : { endOfLife: describeEndOfLife(ended) }),
    },
    rules,
  );
  const verdict = { ...judged, warnings: [...judged.warnings, ...warnings] };
  return {
    sc: version,
    subject: what.subject,
    ...(what.distribution === undefined ? {} : { distribution: what.distribution }),
    packages: countTypes(what.packages),
    layers: what.layers.length,
    findings,
    coverage: matched.coverage,
    database: matched.database,
    problems: what.problems,
    incomplete: what.incomplete,
    ...(ended === undefined ? {} : { endOfLife: ended }),
    scanned: now.toISOString(),
    ...(rules.length > 0 || warnings.length > 0 ? { verdict } : {}),
    ...(policy === undefined ? {} : { policy }),
    ...(asked === undefined ? {} : { asked }),
  };
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

// VEX first: what is not affected need not be accepted. Then what was accepted, then what was there before.
function suppress(
  matched: readonly Finding[],
  { subject }: Inventory,
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
  const found = counted === 1 ? "1 vulnerability" : `${counted.toLocaleString("en-US")} vulnerabilities`;
  const gap = coverage.uncompared === 0 ? "" : `, ${coverage.uncompared} packages not compared`;
  return `${found}${gap}, database of ${database.built.slice(0, 10)}`;
}
