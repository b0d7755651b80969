import { ScError } from "@sc/model";
import type { Cataloger } from "./cataloger.ts";
import { catalogers } from "./catalogers/index.ts";
import { reportingCuts } from "./report-cuts.ts";

/**
 * The catalogers of the given ids, in the order of the list, and always the one that tells the distribution; without
 * ids all of those that look for what is installed, and with `declared` the others too. Throws `CATALOGER_UNKNOWN`.
 */
export function chooseCatalogers(ids: readonly string[] | undefined, declared = false): readonly Cataloger<unknown>[] {
  if (ids === undefined) {
    return catalogers.filter(({ evidence }) => declared || evidence === "installed").map(reportingCuts);
  }
  for (const id of ids) {
    if (catalogers.some((cataloger) => cataloger.id === id)) continue;
    throw new ScError("CATALOGER_UNKNOWN", `no cataloger is called ${JSON.stringify(id)}`, {
      hint: `Choose among ${catalogers.map((cataloger) => cataloger.id).join(", ")}.`,
    });
  }
  return catalogers.filter(({ id }) => id === "os-release" || ids.includes(id)).map(reportingCuts);
}
