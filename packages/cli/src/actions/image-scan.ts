import { join } from "node:path";
import { type Inventory, ScError, severities, type Severity } from "@sc/model";
import {
  type Baseline,
  baselineOf,
  type Connection,
  type InventoryOptions,
  parseIgnoreFile,
  readBaseline,
  readPackages,
  scan,
  scanImage as scanOpened,
  type ScanImageOptions,
  type ScanOptions,
} from "@sc/pipeline";
import type { Waiver } from "@sc/policy";
import { inventoryScopes } from "@sc/sbom";
import {
  type AdvisoryDatabase,
  describeScanners,
  explainFindings,
  findingsById,
  readVex,
  type ReportOptions,
  reports,
  resolveScanners,
  type ReportStyle,
  type ScannerName,
  scannerNames,
  type ScanReport,
  type VexDocument,
} from "@sc/scan";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readUserFile, writeUserFile } from "../files.ts";
import { type Output, readOutputs } from "../outputs.ts";
import { cacheDirectory } from "../places.ts";
import { openScanDatabase } from "../scan-database.ts";
import { readExitCode, tellUnscanned } from "../scan-exit.ts";
import { inventoryOf, inventoryOptions, openAsked } from "../reading.ts";
import type { Look, Style } from "../terminal/style.ts";
import { readSeverities } from "../severity-list.ts";
import { uploadFindings } from "../uploading.ts";
import { version } from "../version.ts";

/** The largest document that is read: that of an image with some ten thousand packages has 50 MB. */
const maxSbomBytes = 400 * 1024 * 1024;

/** The largest VEX document. */
const maxVexBytes = 128 * 1024 * 1024;

/** The largest file of accepted findings. */
const maxIgnoreBytes = 4 * 1024 * 1024;

/**
 * Scans an image or a document and judges what is found. A violated gate is the outcome, not an error; with
 * `--required=false` nor is a scan that could not be made, which is told as one all the same.
 */
export async function scanImage(context: ActionContext): Promise<ActionResult> {
  const { values, signal } = context;
  if (values.flag("required")) return await scanRequired(context);
  try {
    return await scanRequired(context);
  } catch (error) {
    signal.throwIfAborted();
    return tellUnscanned(error, context);
  }
}

async function scanRequired(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const outputs = readAllOutputs(context);
  const shownSeverities = readSeverities(context);
  const exitCode = readExitCode(context);
  const scanners = readTools(context);
  const [waivers, vex] = [await readWaivers(context), await readStatements(context)];
  // Before the image is read: without a database all that work would be for nothing.
  const image = values.text("image");
  await using connection = await connect(context, image === undefined ? [] : [image]);
  await using database = await openScanDatabase(context, connection);
  checkInput(context);
  const baselines = await readBaselines(context, database);
  const whole = await scanInput(
    context,
    { database, connection },
    {
      signal,
      onProgress,
      failOn: severity(context, "fail-on"),
      warnOn: severity(context, "warn-on"),
      onlyFixed: values.flag("only-fixed"),
      failOnUnknown: values.flag("fail-on-unknown"),
      failOnEndOfLife: values.flag("fail-on-eol"),
      setAside: !values.flag("all-matches"),
      waivers,
      vex,
      baselines,
      scanners,
      policy: describePolicy(context),
      now: context.now(),
      version,
    },
  );
  const report = selectSeverities(whole, shownSeverities, context);
  const explained = values.text("explain");
  if (explained !== undefined) return explain(report, explained, style.columns);
  const options = reportOptions(context, style);
  const maxLength = values.count("comment-limit");
  const filed = maxLength === undefined ? {} : { maxLength };
  for (const { format, path } of outputs) {
    if (path === undefined) continue;
    await writeUserFile(
      path,
      Buffer.from(render(report, format, { ...filed, all: options.all ?? false, ascii: !style.unicode })),
    );
    context.wrote(path);
  }
  await uploadFindings(report, context);
  const shown = outputs.find(({ path }) => path === undefined)?.format;
  return {
    outcome: report.verdict?.outcome ?? "pass",
    ...(exitCode === undefined ? {} : { exitCode }),
    report: toDocument(report),
    text: () => (shown === undefined ? "" : render(report, shown, options).trimEnd()),
    summary: () => render(report, "markdown", {}),
    next: nextSteps(report, context),
  };
}

// `--sarif-output FILE` and the like are further formats, besides those of --format.
function readAllOutputs({ values }: ActionContext): readonly Output[] {
  const outputs = readOutputs(
    values,
    reports.map(({ id }) => id),
  );
  const asked = {
    sarif: values.text("sarif-output"),
    markdown: values.text("comment-output"),
    html: values.text("html-output"),
  };
  const more = Object.entries(asked).flatMap(([format, path]) => (path === undefined ? [] : [{ format, path }]));
  const twice = more.find(({ path }, index) => [...outputs, ...more.slice(0, index)].some((one) => one.path === path));
  if (twice !== undefined) {
    throw new ScError("CLI_USAGE", `two results are to go to ${JSON.stringify(twice.path)}`, {
      hint: "Give each a file of its own.",
    });
  }
  return [...outputs, ...more];
}

function selectSeverities(
  report: ScanReport,
  wanted: readonly Severity[] | undefined,
  { onProgress }: ActionContext,
): ScanReport {
  if (wanted === undefined) return report;
  const findings = report.findings.filter((finding) => wanted.includes(finding.severity));
  const hidden = report.findings.length - findings.length;
  const message = `${hidden} findings of other severities are not in the report (--severity ${wanted.join(",")})`;
  if (hidden > 0) onProgress({ type: "notice", level: "warning", code: "FINDINGS_HIDDEN", message });
  return { ...report, findings };
}

function readTools({ values, onProgress }: ActionContext): readonly (ScannerName | "all")[] {
  const tool = values.choice("tool", [...scannerNames, "all"] as const) ?? "osv";
  const message = describeScanners(resolveScanners([tool]));
  if (message !== undefined) {
    const text = `--tool ${tool}: ${message}; no other scanner is run`;
    onProgress({ type: "notice", level: "warning", code: "TOOL_SERVED", message: text });
  }
  return [tool];
}

async function readStatements({ values, onProgress }: ActionContext): Promise<readonly VexDocument[]> {
  const documents = values
    .texts("vex")
    .map(async (path) => readVex(await readUserFile(path, { maxBytes: maxVexBytes }), path));
  const read = await Promise.all(documents);
  for (const [index, path] of values.texts("vex").entries()) {
    const author = read[index]?.author;
    const by = author === undefined ? "" : `, by its own word of ${JSON.stringify(author.slice(0, 100))}`;
    const message = `${path}: a VEX document without a checked signature${by}: what it says is taken as said`;
    onProgress({ type: "notice", level: "warning", code: "VEX_UNSIGNED", message });
  }
  return read;
}

async function readBaselines(context: ActionContext, database: AdvisoryDatabase): Promise<readonly Baseline[]> {
  const [file, image] = [context.values.text("only-new"), context.values.text("base-image")];
  const baselines: Baseline[] = [];
  if (file !== undefined) {
    const bytes = await readUserFile(file, { maxBytes: maxSbomBytes });
    baselines.push(await readBaseline(bytes, { name: file, database }));
  }
  if (image !== undefined) {
    const taken = await takeImage(image, context);
    baselines.push(await baselineOf(taken, { name: image, database }));
  }
  return baselines;
}

function explain(report: ScanReport, id: string, width: number): ActionResult {
  const findings = findingsById(report, id);
  const missing = `${JSON.stringify(id.slice(0, 100))} is not found in ${JSON.stringify(report.subject.name)}`;
  return {
    outcome: findings.length === 0 ? "violation" : "pass",
    report: { subject: report.subject, database: report.database, findings },
    text: () => (findings.length === 0 ? missing : explainFindings(findings, { width })),
  };
}

async function takeImage(image: string, context: ActionContext): Promise<Inventory> {
  await using connection = await connect(context, [image]);
  await using opened = await openAsked(image, context, connection);
  return await inventoryOf(opened, context, scopeOf(context));
}

function scopeOf({ values }: ActionContext): Pick<InventoryOptions, "scope"> {
  return { scope: values.choice("scope", inventoryScopes) };
}

function checkInput({ values }: ActionContext): void {
  if ((values.text("image") === undefined) === (values.text("sbom") === undefined)) {
    throw new ScError("CLI_USAGE", "wanted either --image or --sbom", { hint: "sc image scan --image REF" });
  }
}

async function scanInput(
  context: ActionContext,
  { database, connection }: { readonly database: AdvisoryDatabase; readonly connection: Connection },
  options: ScanOptions,
): Promise<ScanReport> {
  const { values } = context;
  const [image = "", sbom] = [values.text("image"), values.text("sbom")];
  if (sbom !== undefined) return await scan(await readDocument(sbom, context), database, options);
  await using opened = await openAsked(image, context, connection);
  return await scanOpened(opened, database, {
    ...options,
    ...resultCache(context),
    take: () => inventoryOf(opened, context, scopeOf(context)),
  });
}

async function readDocument(path: string, context: ActionContext): Promise<Inventory> {
  if (path === "-") return readPackages(await context.readInput({ maxBytes: maxSbomBytes }), "standard input");
  return readPackages(await readUserFile(path, { maxBytes: maxSbomBytes }), path);
}

// What was found is kept by image, database and options; without a place for caches, or on request, it is found anew.
function resultCache(context: ActionContext): Pick<ScanImageOptions, "cache" | "inventory"> {
  const { values, environment } = context;
  const { limits = {} } = inventoryOptions(context);
  const hasPlace = values.text("cache-dir") !== undefined || environment.cacheHome !== undefined;
  const maxAge = values.milliseconds("cache-ttl");
  return {
    inventory: { limits: { ...limits }, scope: scopeOf(context).scope ?? "squashed" },
    cache:
      !hasPlace || values.flag("no-cache")
        ? undefined
        : { directory: join(cacheDirectory(context), "results"), maxAge },
  };
}

async function readWaivers({ values }: ActionContext): Promise<readonly Waiver[]> {
  const path = values.text("ignore-file");
  if (path === undefined) return [];
  const text = new TextDecoder().decode(await readUserFile(path, { maxBytes: maxIgnoreBytes }));
  return await parseIgnoreFile(text, path);
}

function severity({ values }: ActionContext, name: "fail-on" | "warn-on"): Severity | undefined {
  return name === "fail-on" ? values.choice("fail-on", severities) : values.choice("warn-on", severities);
}

function describePolicy({ values }: ActionContext): string | undefined {
  const failOn = values.text("fail-on");
  const warnOn = values.text("warn-on");
  const words = [
    ...(failOn === undefined ? [] : [`--fail-on ${failOn}`]),
    ...(warnOn === undefined ? [] : [`--warn-on ${warnOn}`]),
    ...(values.flag("only-fixed") ? ["--only-fixed"] : []),
    ...(values.flag("fail-on-unknown") ? ["--fail-on-unknown"] : []),
    ...(values.flag("fail-on-eol") ? ["--fail-on-eol"] : []),
  ];
  return words.length === 0 ? undefined : words.join(" ");
}

function nextSteps(report: ScanReport, context: ActionContext): readonly (readonly [string, string])[] {
  const [first] = report.findings.toSorted((left, right) => {
    return severities.indexOf(right.severity) - severities.indexOf(left.severity);
  });
  if (first === undefined) return [];
  return [
    ...(context.values.flag("all") ? [] : [["all rows", `${commandOf(context)} --all`] as const]),
    ["explain", `${commandOf(context)} --explain ${first.id}`],
  ];
}

function commandOf({ values }: ActionContext): string {
  const image = values.text("image");
  return image === undefined ? `sc image scan --sbom ${values.text("sbom") ?? "FILE"}` : `sc image scan ${image}`;
}

function render(report: ScanReport, format: string, options: ReportOptions): string {
  return reports.find(({ id }) => id === format)?.render(report, options) ?? "";
}

function toDocument(report: ScanReport): object {
  const document: unknown = JSON.parse(render(report, "json", {}));
  return typeof document === "object" && document !== null ? document : {};
}

const looks: Readonly<Record<ReportStyle, Look>> = {
  critical: "bad",
  high: "bad",
  medium: "warning",
  low: "dim",
  unknown: "dim",
  heading: "strong",
  good: "good",
  bad: "bad",
  warning: "warning",
  dim: "dim",
};

function reportOptions({ values }: ActionContext, style: Style): ReportOptions {
  return {
    width: style.columns,
    all: values.flag("all"),
    suppressed: values.flag("show-suppressed"),
    ascii: !style.unicode,
    style: (look, text) => style.paint(looks[look], text),
  };
}
