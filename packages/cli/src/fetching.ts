import type { Connection, FetchDatabaseOptions } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { databaseDirectory } from "./places.ts";
import { signerPolicy } from "./verifying.ts";

/** How a database is fetched, by the options: whose signature counts must be said. Throws as `signerPolicy` does. */
export async function fetchOptions(context: ActionContext, connection?: Connection): Promise<FetchDatabaseOptions> {
  const { values, signal, onProgress } = context;
  const ecosystems = values.texts("ecosystem");
  return {
    output: databaseDirectory(context),
    policy: await signerPolicy(context),
    now: context.now(),
    signal,
    onProgress,
    ...(connection === undefined ? {} : { connection }),
    ...(ecosystems.length === 0 ? {} : { ecosystems }),
  };
}
