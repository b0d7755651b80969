import { shortDigest } from "@sc/model";
import type { FetchedDatabase, GivenDatabase } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "./command.ts";
import { databaseDirectory } from "./places.ts";
import { describeSigner } from "./signer-text.ts";
import { printable } from "./terminal/printable.ts";
import { formatAge, formatBytes, formatCount, formatInstant } from "./terminal/quantity.ts";

const headlines: Readonly<Record<FetchedDatabase["state"], string>> = {
  updated: "the advisory database is up to date",
  current: "the advisory database was up to date already",
  stale: "no place gave a newer advisory database: going on with the one that is here",
};

/** What fetching a database came to, for programs and people. */
export function describeFetched(result: FetchedDatabase, context: ActionContext): ActionResult {
  const { style } = context;
  const { state, facts, age, from, signer, fetched, kept, failures } = result;
  const database = databaseDirectory(context);
  if (state === "updated") context.wrote(database);
  const mark = state === "stale" ? style.paint("warning", style.warning) : style.paint("good", style.good);
  return {
    outcome: "pass",
    report: {
      database,
      state,
      from,
      signer,
      fetched,
      kept,
      failures,
      facts,
      ageSeconds: Math.round(age.milliseconds / 1000),
    },
    text: () =>
      [
        `${mark} ${headlines[state]}`,
        `  built     ${formatInstant(new Date(facts.built))}, ${formatAge(age.milliseconds)} ago`,
        ...(from === undefined ? [] : [`  from      ${printable(from)}`]),
        ...(signer === undefined ? [] : [`  signed    ${describeSigner(signer)}, verified`]),
        ...(from === undefined ? [] : [`  files     ${fetched.length} fetched, ${kept.length} here already`]),
        ...failures.map(
          (failure) => `  ${style.warning}         ${printable(failure.from)}: ${printable(failure.message)}`,
        ),
        `  digest    ${shortDigest(facts.digest)}`,
      ].join("\n"),
    next: [["scan", "sc image scan --image REF"]],
  };
}

/** What giving a database on came to, for programs and people. */
export function describeGiven(
  { facts, files, sizeBytes, ...named }: GivenDatabase & { readonly name?: string; readonly digest?: string },
  { to, next, context }: { readonly to: string; readonly next: string; readonly context: ActionContext },
): ActionResult {
  const { style } = context;
  context.wrote(to);
  return {
    outcome: "pass",
    report: { database: databaseDirectory(context), to, ...named, files, sizeBytes, facts },
    text: () =>
      [
        `${style.paint("good", style.good)} ${formatCount(facts.ecosystems.length, "ecosystem")}, ${formatBytes(sizeBytes)}, signed`,
        `  to        ${printable(named.name ?? to)}`,
        ...(named.digest === undefined ? [] : [`  artifact  ${named.digest}`]),
        `  digest    ${shortDigest(facts.digest)}`,
      ].join("\n"),
    next: [["take it over", next]],
  };
}
