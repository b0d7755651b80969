import { shortDigest } from "@sc/model";
import { databaseStatus } from "@sc/scan";
import type { ActionContext, ActionResult } from "../command.ts";
import { databaseDirectory } from "../places.ts";
import { printable } from "../terminal/printable.ts";
import { formatAge, formatBytes, formatCount, formatInstant } from "../terminal/quantity.ts";
import { formatTable } from "../terminal/table.ts";

/** A database older than this is called old: five days, as long as advisories of a working week may take. */
const freshMilliseconds = 5 * 24 * 60 * 60 * 1000;

/** How many ecosystems are shown unless all are asked for. */
const shownEcosystems = 10;

/** What the database holds, as of when. Throws `DATABASE_MISSING`. */
export async function showStatus(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const directory = databaseDirectory(context);
  const facts = await databaseStatus(directory);
  const built = new Date(facts.built);
  const age = context.now().getTime() - built.getTime();
  const fresh = age <= freshMilliseconds;
  const bytes = facts.ecosystems.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sorted = facts.ecosystems.toSorted((left, right) => right.advisories - left.advisories);
  const shown = values.flag("all") ? sorted : sorted.slice(0, shownEcosystems);
  const rows = shown.map(({ ecosystem, advisories, malicious, newest }) => [
    printable(ecosystem),
    advisories.toLocaleString("en-US").padStart(10),
    newest?.slice(0, 10) ?? "",
    malicious === 0 ? "" : `+ ${formatCount(malicious, "malicious-package report")}`,
  ]);
  return {
    outcome: "pass",
    report: { database: directory, facts, ageSeconds: Math.round(age / 1000), fresh },
    text: () =>
      [
        `advisories  built ${formatInstant(built)}, ${formatAge(age)} ago  ${fresh ? style.paint("good", "fresh") : style.paint("warning", `${style.warning} old`)} (limit 5 d)`,
        `digest      ${shortDigest(facts.digest)}`,
        `size        ${formatBytes(bytes)}, schema ${facts.schema}`,
        `place       ${printable(directory)}`,
        "",
        ...formatTable([{ title: "ECOSYSTEM" }, { title: "ADVISORIES" }, { title: "NEWEST" }, { title: "" }], rows, {
          style,
        }),
        `${formatCount(facts.ecosystems.length, "ecosystem")} in all${shown.length < sorted.length ? ": sc db status --all" : ""}`,
      ].join("\n"),
  };
}
