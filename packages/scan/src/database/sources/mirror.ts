import type { HttpClient } from "@sc/http";
import type { DatabaseSource } from "../distribution.ts";

/**
 * A mirror: any web server that has the files that a database is distributed as. An index that is still the one known
 * by its etag is not sent again; the client repeats what fails and waits as long as the server asks.
 *
 * Throws `URL_INVALID` for anything but https, but for this machine itself.
 */
export async function openDatabaseMirror(address: string, client: HttpClient): Promise<DatabaseSource> {
  // A scan needs nothing of the web.
  const { openWebMirror } = await import("./web-mirror.ts");
  return openWebMirror(address, client);
}
