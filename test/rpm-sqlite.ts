import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A database and its write-ahead log, byte for byte as SQLite leaves them when its process dies. */
export interface SqliteFiles {
  readonly database: Buffer;
  readonly log: Buffer;
}

/** How a database is made. */
export interface SqliteOptions {
  /** How many of the blobs are brought into the database; the others stay in the log. All when not given. */
  readonly checkpointed?: number;
  readonly pageSize?: number;
  readonly encoding?: "UTF-8" | "UTF-16le" | "UTF-16be";
}

/** An `rpmdb.sqlite` with the tables that rpm makes, by SQLite itself. */
export function sqliteDatabase(blobs: readonly Uint8Array[], options: SqliteOptions = {}): SqliteFiles {
  const { checkpointed = blobs.length, pageSize = 4096, encoding = "UTF-8" } = options;
  const folder = mkdtempSync(join(tmpdir(), "sc-rpm-"));
  const path = join(folder, "rpmdb.sqlite");
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA page_size = ${pageSize}; PRAGMA encoding = '${encoding}'; PRAGMA journal_mode = WAL;`);
    database.exec("PRAGMA wal_autocheckpoint = 0; CREATE TABLE Other (a TEXT)");
    database.exec("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)");
    const insert = database.prepare("INSERT INTO Packages (blob) VALUES (?)");
    for (const blob of blobs.slice(0, checkpointed)) insert.run(blob);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    for (const blob of blobs.slice(checkpointed)) insert.run(blob);
    return { database: readFileSync(path), log: readFileSync(`${path}-wal`) };
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}
