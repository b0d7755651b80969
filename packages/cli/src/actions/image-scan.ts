import { type Inventory, ScError, severities, type Severity } from "@sc/model";
import { openDatabase, parseIgnoreFile, readSbom, scan } from "@sc/pipeline";
import type { Waiver } from "@sc/policy";
import { type ReportOptions, reports, type ReportStyle, type ScanReport } from "@sc/scan";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { readUserFile, writeUserFile } from "../files.ts";
import { readOutputs } from "../outputs.ts";
import { databaseDirectory } from "../places.ts";
import { inventoryOf, openAsked } from "../reading.ts";
import type { Look, Style } from "../terminal/style.ts";
import { version } from "../version.ts";

/** The largest document that is read: that of an image with some ten thousand packages has 50 MB. */
const maxSbomBytes = 512 * 1024 * 1024;

/** The largest file of accepted findings. */
const maxIgnoreBytes = 4 * 1024 * 1024;

/** Scans an image or a document and judges what is found. A violated gate is the outcome, not an error. */
export async function scanImage(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const outputs = readOutputs(
    values,
    reports.map(({ id }) => id),
  );
  const waivers = await readWaivers(context);
  // Before the image is read: without a database all that work would be for nothing.
  await using database = await openDatabase(databaseDirectory(context));
  const taken = await readInventory(context);
  const report = await scan(taken, database, {
    signal,
    onProgress,
    failOn: severity(context, "fail-on"),
    warnOn: severity(context, "warn-on"),
    onlyFixed: values.flag("only-fixed"),
    failOnUnknown: values.flag("fail-on-unknown"),
    waivers,
    policy: describePolicy(context),
    now: context.now(),
    version,
  });
  const options = reportOptions(context, style);
  for (const { format, path } of outputs) {
    if (path === undefined) continue;
    await writeUserFile(
      path,
      Buffer.from(render(report, format, { all: options.all ?? false, ascii: !style.unicode })),
    );
    context.wrote(path);
  }
  const shown = outputs.find(({ path }) => path === undefined)?.format;
  const exitCode = values.count("exit-code");
  return {
    outcome: report.verdict?.outcome ?? "pass",
    ...(exitCode === undefined ? {} : { exitCode }),
    report: toDocument(report),
    text: () => (shown === undefined ? "" : render(report, shown, options).trimEnd()),
    next: options.all === true || report.findings.length === 0 ? [] : [["all rows", `${commandOf(context)} --all`]],
  };
}

async function readInventory(context: ActionContext): Promise<Inventory> {
  const { values } = context;
  const [image, sbom] = [values.text("image"), values.text("sbom")];
  if ((image === undefined) === (sbom === undefined)) {
    throw new ScError("CLI_USAGE", "wanted either --image or --sbom", { hint: "sc image scan --image REF" });
  }
  if (sbom !== undefined) return readSbom(await readUserFile(sbom, { maxBytes: maxSbomBytes }), sbom).inventory;
  await using connection = await connect(context, [image ?? ""]);
  await using opened = await openAsked(image ?? "", context, connection);
  return await inventoryOf(opened, context);
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
  ];
  return words.length === 0 ? undefined : words.join(" ");
}

function commandOf({ values }: ActionContext): string {
  const image = values.text("image");
  return image === undefined
    ? `sc image scan --sbom ${values.text("sbom") ?? "FILE"}`
    : `sc image scan --image ${image}`;
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
    ascii: !style.unicode,
    style: (look, text) => style.paint(looks[look], text),
  };
}
