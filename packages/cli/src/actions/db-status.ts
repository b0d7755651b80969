import { formatWhole, shortDigest } from "@sc/model";
import { type DatabaseState, inspectDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { databaseDirectory } from "../places.ts";
import { describeSigner } from "../signer-text.ts";
import { printable } from "../terminal/printable.ts";
import { formatAge, formatBytes, formatCount, formatInstant } from "../terminal/quantity.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { isSignerNamed, signerPolicy } from "../verifying.ts";

/** How many ecosystems are shown unless all are asked for. */
const shownEcosystems = 10;

/** What the database holds, as of when. Throws `DATABASE_MISSING`, and the refusal of a signature that was asked for. */
export async function showStatus(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const directory = databaseDirectory(context);
  const policy = isSignerNamed(context) ? await signerPolicy(context) : undefined;
  const maxAgeMilliseconds = values.milliseconds("max-db-age");
  const state = await inspectDatabase(directory, { now: context.now(), maxAgeMilliseconds, policy });
  const { facts, age, signature, origin, partial } = state;
  return {
    outcome: age.expired ? "violation" : "pass",
    report: {
      database: directory,
      facts,
      ageSeconds: Math.round(age.milliseconds / 1000),
      maxAgeSeconds: Math.round((maxAgeMilliseconds ?? 0) / 1000),
      expired: age.expired,
      signature,
      source: origin.source,
      checked: origin.checked,
      partial,
    },
    text: () => describeState(state, { directory, context, style }),
  };
}

interface Shown {
  readonly directory: string;
  readonly context: ActionContext;
  readonly style: Style;
}

function describeState(state: DatabaseState, { directory, context, style }: Shown): string {
  const { facts, age, origin, partial } = state;
  const bytes = facts.ecosystems.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const sorted = facts.ecosystems.toSorted((left, right) => right.advisories - left.advisories);
  const shown = context.values.flag("all") ? sorted : sorted.slice(0, shownEcosystems);
  const rows = shown.map(({ ecosystem, advisories, malicious, newest }) => [
    printable(ecosystem),
    formatWhole(advisories).padStart(10),
    newest?.slice(0, 10) ?? "",
    [
      ...(malicious === 0 ? [] : [`+ ${formatCount(malicious, "malicious-package report")}`]),
      ...(partial?.includes(ecosystem) === false ? ["not fetched"] : []),
    ].join(", "),
  ]);
  const judged = age.expired ? style.paint("bad", `${style.bad} too old`) : style.paint("good", "fresh");
  const built = `built ${formatInstant(new Date(facts.built))}, ${formatAge(age.milliseconds)} ago`;
  return [
    `advisories  ${built}  ${judged} (limit ${context.values.text("max-db-age") ?? ""})`,
    `signed      ${describeSignature(state, style)}`,
    ...(origin.source === undefined ? [] : [`from        ${printable(origin.source)}`]),
    ...(origin.checked === undefined ? [] : [`checked     ${formatInstant(new Date(origin.checked))}`]),
    ...describeExploitation(state),
    `digest      ${shortDigest(facts.digest)}`,
    `size        ${formatBytes(bytes)}, schema ${facts.schema}`,
    `place       ${printable(directory)}`,
    "",
    ...formatTable([{ title: "ECOSYSTEM" }, { title: "ADVISORIES" }, { title: "NEWEST" }, { title: "" }], rows, {
      style,
    }),
    `${formatCount(facts.ecosystems.length, "ecosystem")} in all${shown.length < sorted.length ? ": sc db status --all" : ""}`,
  ].join("\n");
}

function describeSignature({ signature, origin }: DatabaseState, style: Style): string {
  if (signature.state === "verified") return `${describeSigner(signature.signer)}, verified ${style.good}`;
  if (signature.state === "unsigned") return "no";
  const by = origin.signer === undefined ? "" : `, when it was fetched by ${printable(origin.signer)}`;
  return `yes${by}; name a key or identity to verify it now`;
}

function describeExploitation({ facts: { exploitation } }: DatabaseState): readonly string[] {
  const { epss, kev } = exploitation ?? {};
  const parts = [
    ...(epss === undefined ? [] : [`${formatCount(epss.scores, "EPSS score")}${ofDay(epss.date)}`]),
    ...(kev === undefined ? [] : [`${formatWhole(kev.entries)} known exploited${ofDay(kev.date)}`]),
  ];
  return parts.length === 0 ? [] : [`exploited   ${parts.join(", ")}`];
}

function ofDay(date: string | undefined): string {
  return date === undefined ? "" : ` of ${printable(date.slice(0, 10))}`;
}
