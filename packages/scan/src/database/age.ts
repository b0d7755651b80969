import { ScError } from "@sc/model";
import type { DatabaseFacts } from "../database-facts.ts";

/**
 * How old a database may be before it is called old: five days, as long as the advisories of a working week and its
 * weekend may take to reach a site that fetches them once.
 */
export const defaultMaxAgeMilliseconds: number = 5 * 24 * 60 * 60 * 1000;

/** How old a database is. */
export interface DatabaseAge {
  /** Since it was built; never negative. */
  readonly milliseconds: number;
  readonly expired: boolean;
}

/** How old a database is now, and whether that is too old. */
export function ageOf(
  { built }: Pick<DatabaseFacts, "built">,
  {
    now,
    maxAgeMilliseconds = defaultMaxAgeMilliseconds,
  }: { readonly now: Date; readonly maxAgeMilliseconds?: number | undefined },
): DatabaseAge {
  const milliseconds = Math.max(0, now.getTime() - Date.parse(built));
  return { milliseconds, expired: !(milliseconds <= maxAgeMilliseconds) };
}

/** The error of a database that is too old: `DATABASE_EXPIRED`. */
export function expired({ built }: Pick<DatabaseFacts, "built">, cause?: unknown): ScError {
  return new ScError("DATABASE_EXPIRED", `the advisory database is of ${built}, older than is allowed`, {
    ...(cause === undefined ? {} : { cause }),
    hint: "Fetch a newer one with: sc db update --mirror URL --key PUBLIC-KEY",
  });
}
