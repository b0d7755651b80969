import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "@sc/model";
import { Connection, exportDatabase } from "@sc/pipeline";
import { buildDatabase } from "@sc/scan";
import { type Fault, type RecordingServer, startServer } from "@sc/testing";
import { writeRecords } from "./matching-database.ts";
import type { TestKey } from "./sign-support.ts";

/** A record of an advisory, of npm unless said. */
export function record(id: string, ecosystem = "npm"): Readonly<Record<string, unknown> & { id: string }> {
  const ranges = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "2.0.0" }] }];
  return { id, modified: "2026-01-01T00:00:00Z", affected: [{ package: { ecosystem, name: "left" }, ranges }] };
}

/** What a test's publisher has: a database and the folder of its files. */
export interface Published {
  readonly database: string;
  readonly folder: string;
}

/** Builds a database of these records and lays out its files for a web server. */
export async function publish(
  folder: string,
  key: TestKey,
  { ids, now }: { readonly ids: readonly string[]; readonly now: Date },
): Promise<Published> {
  const [database, mirror] = [join(folder, "publisher"), join(folder, "mirror")];
  const records = ids.flatMap((id) => [record(`${id}-N`), record(`${id}-D`, "Debian:12"), record(`${id}-P`, "PyPI")]);
  await buildDatabase([await writeRecords(join(folder, ids.join("-")), records)], { output: database, now });
  await mkdir(mirror, { recursive: true });
  await exportDatabase(database, mirror, { signer: key.signer });
  return { database, folder: mirror };
}

/** A web server that offers what a folder holds now, with etags, and the faults that are worked into its answers. */
export async function serveFolder(folder: string, faults: readonly Fault[] = []): Promise<RecordingServer> {
  return await startServer({
    faults: faults.map((fault) => ({ fault, seen: 0, struck: 0 })),
    answer: ({ path, headers }) => {
      const file = join(folder, path);
      if (!existsSync(file)) return { status: 404, headers: {} };
      const body = readFileSync(file);
      const etag = `"${digestOf(body)}"`;
      if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
      return { status: 200, headers: { etag }, body };
    },
  });
}

/** A connection that repeats nothing slowly. */
export function quickConnection(): Connection {
  const clock = { now: () => 0, sleep: () => Promise.resolve(), random: () => 0 };
  return new Connection({ registry: { http: { clock } } });
}
