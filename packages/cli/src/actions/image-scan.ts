import { join } from "node:path";
import { formatCount, type Inventory, type Platform, ScError, severities, type Severity } from "@sc/model";
import {
  type Baseline,
  baselineOf,
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
import { checkPlaces, openEach } from "../each-platform.ts";
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
  const { values, signal, onProgress } = context;
  const outputs = readAllOutputs(context);
  checkPlaces(values, outputs, { joined: ["table", "json"] });
  checkInput(context);
  const shownSeverities = readSeverities(context);
  const exitCode = readExitCode(context);
  const scanners = readTools(context);
  const [waivers, vex] = [await readWaivers(context), await readStatements(context)];
  // Before the image is read: without a database all that work would be for nothing.
  const image = values.text("image");
  await using connection = await connect(context, image === undefined ? [] : [image]);
  await using database = await openScanDatabase(context, connection);
  const options: ScanOptions = {
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
    scanners,
    policy: describePolicy(context),
    now: context.now(),
    version,
  };
  const told = async (whole: ScanReport, place: (path: string) => string): Promise<ActionResult> => {
    const placed = outputs.map(({ format, path }) => (path === undefined ? { format } : { format, path: place(path) }));
    const result = await tellReport(selectSeverities(whole, shownSeverities, context), placed, context);
    return { ...result, ...(exitCode === undefined ? {} : { exitCode }) };
  };
  if (image === undefined) {
    const baselines = await readBaselines(context, database);
    const inventory = await readDocument(values.required("sbom"), context);
    return await told(await scan(inventory, database, { ...options, baselines }), (path) => path);
  }
  await using asked = await openEach(image, context, connection);
  const results: (readonly [string, ActionResult])[] = [];
  for (const { opened, platform, place } of asked.images) {
    const report = await scanOpened(opened, database, {
      ...options,
      baselines: await readBaselines(context, database, opened.image.platform),
      ...resultCache(context),
      take: () => inventoryOf(opened, context, scopeOf(context)),
    });
    results.push([platform, await told(report, place)]);
  }
  return joinResults(results, context);
}

// Each platform's report is whole in itself; what counts is the worst of them.
function joinResults(results: readonly (readonly [string, ActionResult])[], context: ActionContext): ActionResult {
  const { values, style } = context;
  const [first] = results;
  if (!values.flag("all-platforms") && first !== undefined) return first[1];
  const violated = results.flatMap(([platform, { outcome }]) => (outcome === "pass" ? [] : [platform]));
  const counted = formatCount(results.length, "platform");
  const verdict =
    violated.length === 0
      ? `${style.paint("good", style.good)} ${counted} scanned: ${results.map(([platform]) => platform).join(", ")}`
      : `${style.paint("bad", style.bad)} ${violated.length} of ${counted} violate the policy: ${violated.join(", ")}`;
  const exitCode = results.map(([, result]) => result.exitCode).find((code) => code !== undefined);
  return {
    ...first?.[1],
    outcome: violated.length === 0 ? "pass" : "violation",
    ...(exitCode === undefined ? {} : { exitCode }),
    report: { images: results.map(([platform, { outcome, report }]) => ({ platform, outcome, ...report })) },
    text: () => [...results.map(([, result]) => result.text()), verdict].filter((text) => text !== "").join("\n\n"),
    summary: () => results.map(([, result]) => result.summary?.() ?? "").join("\n\n"),
  };
}

/** Writes a report where it is asked for, and says what it comes to. */
async function tellReport(
  report: ScanReport,
  outputs: readonly Output[],
  context: ActionContext,
): Promise<ActionResult> {
  const { values, style } = context;
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
    if (read[index]?.statements.some(({ products }) => products.length > 0) === true) continue;
    const empty = `${path}: it states nothing of a product that it names by package URL or digest, so it changes nothing`;
    onProgress({ type: "notice", level: "warning", code: "VEX_EMPTY", message: empty });
  }
  return read;
}

async function readBaselines(
  context: ActionContext,
  database: AdvisoryDatabase,
  platform?: Platform,
): Promise<readonly Baseline[]> {
  const [file, image] = [context.values.text("only-new"), context.values.text("base-image")];
  const baselines: Baseline[] = [];
  if (file !== undefined) {
    const bytes = await readUserFile(file, { maxBytes: maxSbomBytes });
    baselines.push(await readBaseline(bytes, { name: file, database }));
  }
  if (image !== undefined) {
    const taken = await takeImage(image, context, platform);
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

async function takeImage(image: string, context: ActionContext, platform: Platform | undefined): Promise<Inventory> {
  await using connection = await connect(context, [image]);
  const isAll = context.values.flag("all-platforms");
  await using opened = await openAsked(image, context, connection, isAll ? platform : undefined);
  return await inventoryOf(opened, context, scopeOf(context));
}

function scopeOf({ values }: ActionContext): Pick<InventoryOptions, "scope"> {
  return { scope: values.choice("scope", inventoryScopes) };
}

function checkInput({ values }: ActionContext): void {
  if ((values.text("image") === undefined) === (values.text("sbom") === undefined)) {
    throw new ScError("CLI_USAGE", "wanted either --image or --sbom", { hint: "sc image scan --image REF" });
  }
  if (!values.flag("all-platforms")) return;
  for (const other of ["sbom", "explain"]) {
    if (values.text(other) !== undefined)
      throw new ScError("CLI_USAGE", `--${other} is about one image: leave --all-platforms out`);
  }
  if (values.flag("upload-defectdojo")) {
    throw new ScError(
      "CLI_USAGE",
      "--upload-defectdojo takes one report: name a --platform in place of --all-platforms",
    );
  }
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
