import { formatCount, type Severity } from "@sc/model";
import { describeEndOfLife } from "../end-of-life.ts";
import type { ReportFormat, ScanReport } from "../report.ts";
import { escapeWorkflowMessage, escapeWorkflowProperty } from "../report-parts/escape.ts";
import { countedFindings } from "../report-parts/facts.ts";
import { groupByUpgrade, type Upgrade } from "../upgrades.ts";

type Command = "error" | "warning" | "notice";

const commands: Readonly<Record<Severity, Command>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "notice",
  none: "notice",
  unknown: "warning",
};

/** GitHub shows ten annotations of each kind and drops the rest without a word. */
const maxOfKind = 9;

/** Annotations of a GitHub Actions run: one for each upgrade, at most nine of a kind, then how many more there are. */
export const github: ReportFormat = {
  id: "github",
  title: "annotations of a GitHub Actions run",
  mediaType: "text/plain; charset=utf-8",
  render(report: ScanReport): string {
    const upgrades = groupByUpgrade(countedFindings(report));
    const kinds: readonly Command[] = ["error", "warning", "notice"];
    const lines = kinds.flatMap((kind) => {
      const own = upgrades.filter(({ severity }) => commands[severity] === kind);
      const rest = own.length - maxOfKind;
      const shown = own.slice(0, maxOfKind).map((upgrade) => annotate(kind, upgrade, report));
      const more = command(kind, "more", `${formatCount(rest, "package")} more with findings of this kind`);
      return rest > 0 ? shown.concat(more) : shown;
    });
    const violations = report.verdict?.violations ?? [];
    const judged = violations.map(({ message }) => command("error", `policy ${report.policy ?? ""}`, message));
    return [...judged, ...describeLimits(report), ...lines].map((line) => `${line}\n`).join("");
  },
};

// Without findings there would be no line at all, as if everything had been looked at.
function describeLimits({ coverage, endOfLife, subject }: ScanReport): readonly string[] {
  const nothing = `${subject.name}: nothing was compared: there are no advisories for its packages`;
  return [
    ...(coverage.compared === 0 ? [command("warning", "nothing was compared", nothing)] : []),
    ...(endOfLife === undefined ? [] : [command("warning", "end of life", describeEndOfLife(endOfLife))]),
  ];
}

function annotate(kind: Command, upgrade: Upgrade, { subject }: ScanReport): string {
  const { name, installed, fixedIn, fixState, findings, severity } = upgrade;
  const ids = findings.slice(0, 10).map(({ id }) => id);
  const more = findings.length > ids.length ? ` and ${findings.length - ids.length} more` : "";
  const remedy = fixedIn === undefined ? fixState : `upgrade to ${fixedIn}`;
  const message = `${subject.name}: ${name} ${installed} (${severity}): ${ids.join(", ")}${more}; ${remedy}`;
  return command(kind, `${name} ${installed}`, message);
}

function command(kind: Command, title: string, message: string): string {
  return `::${kind} title=${escapeWorkflowProperty(title)}::${escapeWorkflowMessage(message)}`;
}
