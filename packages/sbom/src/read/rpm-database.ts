import { limits } from "../limits.ts";
import { berkeleyValues } from "./berkeley-hash.ts";
import type { ByteSource } from "./byte-source.ts";
import { type Faults, FaultList } from "./faults.ts";
import { ndbRecords } from "./ndb.ts";
import { PathBudget } from "./path-budget.ts";
import { rpmRecord, type RpmRecord } from "./rpm-record.ts";
import { SqliteFile } from "./sqlite-file.ts";

/** The packages of an rpm database or manifest, and what of it could not be read. */
export interface RpmDatabase {
  readonly packages: readonly RpmRecord[];
  readonly faults?: Faults;
}

/** Reads an rpm database of any kind, told by its first bytes. `log` is the write-ahead log beside one of SQLite. */
export function readRpmDatabase(source: ByteSource, log: ByteSource | undefined): RpmDatabase {
  const packages: RpmRecord[] = [];
  const faults = new FaultList();
  const paths = new PathBudget();
  for (const blob of recordsOf(source, { log, faults })) {
    const record = rpmRecord(blob, { faults, paths });
    if (record === undefined) continue;
    packages.push(record);
    if (packages.length >= limits.maxRecords) {
      faults.truncate(`more than ${limits.maxRecords} packages`);
      break;
    }
  }
  const found = faults.finish();
  return found === undefined ? { packages } : { packages, faults: found };
}

interface Reading {
  readonly log: ByteSource | undefined;
  readonly faults: FaultList;
}

function recordsOf(source: ByteSource, { log, faults }: Reading): Iterable<Uint8Array> {
  const damage = (message: string): void => faults.lose(message);
  const options = { maxRecordBytes: limits.maxDatabaseBytes, damage };
  const sqlite = SqliteFile.open(source, { wal: log, maxRowBytes: limits.maxDatabaseBytes, damage });
  if (sqlite !== undefined) return sqliteBlobs(sqlite, damage);
  const records = berkeleyValues(source, options) ?? ndbRecords(source, options);
  if (records === undefined) damage("the file is no rpm database that is known");
  return records ?? [];
}

function* sqliteBlobs(file: SqliteFile, damage: (message: string) => void): Generator<Uint8Array> {
  const rows = file.rows("Packages");
  if (rows === undefined) damage("the database has no table Packages");
  for (const { id, values } of rows ?? []) {
    const blob = values[1];
    if (blob instanceof Uint8Array) yield blob;
    else damage(`row ${id} holds no package`);
  }
}
