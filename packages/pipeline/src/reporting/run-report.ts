import { type Digest, type ErrorCode, type Finding, isScError, type Verdict } from "@sc/model";
import type { Coverage } from "@sc/scan";
import type { SecuredImage, SecuredRecord, SecureResult, SecureWarning } from "../secure-plan.ts";

/** Why something failed, as it stands in a report. */
export interface ReportedError {
  /** Of a failure that no package names: `UNEXPECTED`. */
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
  /** Whether the same may succeed later without anything being changed. */
  readonly retryable: boolean;
}

/** What all images of a run come to, counted. */
export interface RunSummary {
  readonly images: number;
  /** Images that passed. */
  readonly secured: number;
  readonly scanned: number;
  /** Critical findings that count, of all images. */
  readonly criticalFindings: number;
  readonly signed: number;
  readonly sboms: number;
  readonly provenances: number;
}

/** What came of one image, as plain data. */
export interface ReportedImage {
  /** As it was named. */
  readonly image: string;
  readonly outcome: SecuredImage["outcome"];
  /** The step that ended it early. */
  readonly stoppedAt?: string;
  readonly error?: ReportedError;
  /** What the name named: everything was done to this. */
  readonly digest?: Digest;
  /** How many packages are in it; absent where nobody looked. */
  readonly packages?: number;
  /** What was not done anew, because it was kept of this very image. */
  readonly fromCache?: SecuredImage["fromCache"];
  /** The documents that were made, each with its size. */
  readonly documents: readonly { readonly format: string; readonly bytes: number }[];
  /** Of the scan, where there was one; a verdict where something was to be judged. */
  readonly verdict?: Verdict;
  readonly findings?: readonly Finding[];
  readonly coverage?: Coverage;
  /** By which platform the build was described, and as what. */
  readonly provenance?: { readonly platform: string; readonly type: string };
  /** How many of each are in the registry now. */
  readonly attached: SecuredImage["attached"];
  readonly records: readonly SecuredRecord[];
  /** How many signatures were verified at the end. */
  readonly verified: number;
  readonly warnings: readonly SecureWarning[];
}

/**
 * What came of a run, as plain data: what `sc secure`, `sc release create`, `sc stack` and `sc image sign` with more than a
 * signature write after `schema` and `sc`. `schema/run-report-1.schema.json` says the same; within its number members are
 * only added.
 */
export interface RunReport {
  readonly outcome: SecureResult["outcome"];
  /** With the outcome `error`: that of the first image that could not be done. */
  readonly error?: ReportedError;
  readonly summary: RunSummary;
  readonly images: readonly ReportedImage[];
}

/** What a report says of error codes besides what the errors say themselves. */
export interface DescribeRunOptions {
  /** What is known of a code: its hint, where an error has none of its own, and whether it may succeed later. */
  readonly rowOf?: (code: string) => Pick<ErrorCode, "hint" | "retryable"> | undefined;
}

/** A run as plain data. */
export function describeRun(result: SecureResult, options: DescribeRunOptions = {}): RunReport {
  const images = result.images.map((one) => describeImage(one, options));
  const failed = result.outcome === "error" ? images.find(({ outcome }) => outcome === "error") : undefined;
  return {
    outcome: result.outcome,
    ...(failed?.error === undefined ? {} : { error: failed.error }),
    summary: countRun(result),
    images,
  };
}

/** Counts what was done to the images of a run. */
export function countRun({ images }: Pick<SecureResult, "images">): RunSummary {
  const critical = images.flatMap(({ report }) =>
    (report?.findings ?? []).filter((one) => one.severity === "critical" && one.suppressed === undefined),
  );
  const sum = (count: (one: SecuredImage) => number): number => images.reduce((total, one) => total + count(one), 0);
  return {
    images: images.length,
    secured: images.filter(({ outcome }) => outcome === "pass").length,
    scanned: images.filter(({ report }) => report !== undefined).length,
    criticalFindings: critical.length,
    signed: sum(({ attached }) => attached.signatures),
    sboms: sum(({ attached }) => attached.sboms),
    provenances: sum(({ attached }) => attached.provenances),
  };
}

function describeImage(one: SecuredImage, options: DescribeRunOptions): ReportedImage {
  const { image, outcome, stoppedAt, error, digest, packages, documents, report, provenance } = one;
  return {
    image,
    outcome,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(error === undefined ? {} : { error: describeError(error, options) }),
    ...(digest === undefined ? {} : { digest }),
    ...(packages === undefined ? {} : { packages }),
    ...(one.fromCache === undefined ? {} : { fromCache: one.fromCache }),
    documents: documents.map(({ format, bytes }) => ({ format, bytes: bytes.length })),
    ...(report?.verdict === undefined ? {} : { verdict: report.verdict }),
    ...(report === undefined ? {} : { findings: report.findings, coverage: report.coverage }),
    ...(provenance === undefined ? {} : { provenance: { platform: provenance.platform, type: provenance.type } }),
    attached: one.attached,
    records: one.records,
    verified: one.verified?.signatures.length ?? 0,
    warnings: one.warnings.map((warning) => describeWarning(warning, options)),
  };
}

/** A warning with what to do next, where that is known. */
export function describeWarning(warning: SecureWarning, { rowOf }: DescribeRunOptions = {}): SecureWarning {
  const hint = warning.hint ?? rowOf?.(warning.code)?.hint;
  return { ...warning, ...(hint === undefined ? {} : { hint }) };
}

/** An error as it stands in a report: what it says itself, else what is said of its code. */
export function describeError(error: unknown, { rowOf }: DescribeRunOptions = {}): ReportedError {
  const message = error instanceof Error ? error.message : String(error);
  if (!isScError(error)) return { code: "UNEXPECTED", message, retryable: false };
  const row = rowOf?.(error.code);
  const hint = error.hint ?? row?.hint;
  const retryable = error.retryable ?? row?.retryable ?? false;
  return { code: error.code, message, ...(hint === undefined ? {} : { hint }), retryable };
}
