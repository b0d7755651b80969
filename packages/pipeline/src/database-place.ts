import type { Call } from "@sc/model";
import {
  type DatabasePlace,
  type DatabaseSource,
  openDatabaseFolder,
  openDatabaseMirror,
  openExportFile,
} from "@sc/scan";
import type { Connection } from "./connect.ts";
import { openDatabaseArtifact } from "./database-artifact.ts";

/** The place that a database was fetched from, to fetch more of it. Throws what opening it throws. */
export async function openDatabasePlace(
  { kind, at }: DatabasePlace,
  connection: Connection,
  call: Call,
): Promise<DatabaseSource> {
  if (kind === "mirror") return await openDatabaseMirror(at, connection.client);
  if (kind === "artifact") return await openDatabaseArtifact(at, connection, call);
  return kind === "folder" ? openDatabaseFolder(at) : await openExportFile(at);
}
