import { resolve } from "node:path";
import { formatWhole, shortDigest } from "@sc/model";
import { buildDatabase } from "@sc/scan";
import type { ActionContext, ActionResult } from "../command.ts";
import { databaseDirectory } from "../places.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount } from "../terminal/quantity.ts";

function pathOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : resolve(text);
}

/** Builds the advisory database from the named records. */
export async function build(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const output = databaseDirectory(context);
  const inputs = values.texts("from").map((path) => resolve(path));
  const { facts, unmatched, ...counts } = await buildDatabase(inputs, {
    output,
    epss: pathOf(values.text("epss")),
    kev: pathOf(values.text("kev")),
    now: context.now(),
    signal,
    onProgress,
  });
  context.wrote(output);
  const bytes = facts.ecosystems.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const advisories = facts.ecosystems.reduce((sum, ecosystem) => sum + ecosystem.advisories + ecosystem.malicious, 0);
  return {
    outcome: "pass",
    report: { database: output, facts, ...counts, unmatched: Object.fromEntries(unmatched) },
    text: () =>
      [
        `${style.paint("good", style.good)} ${formatCount(advisories, "advisory")} in ${formatCount(facts.ecosystems.length, "ecosystem")}, ${formatBytes(bytes)}`,
        `  records   ${formatWhole(counts.records)} read, ${counts.withdrawn} withdrawn, ${counts.repeated} repeated, ${formatCount(counts.problemCount, "problem")}`,
        ...counts.problems.slice(0, 3).map(({ message }) => `  ${style.warning}         ${printable(message)}`),
        `  digest    ${shortDigest(facts.digest)}`,
        `  written   ${printable(output)}`,
      ].join("\n"),
    next: [["scan", "sc image scan --image REF"]],
  };
}
