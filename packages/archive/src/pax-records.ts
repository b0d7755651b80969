import type { Buffer } from "node:buffer";
import { decodeEntryName } from "./entry-path.ts";

const maxRecords = 10_000;
const textKeys = new Set(["path", "linkpath", "uname", "gname"]);

/**
 * The records of one pax extended header; a sentence that says what is wrong with it where it is none.
 *
 * The grammar is Go's: `<length> <key>=<value>\n`, the length decimal and exact, no NUL in a key nor in a name. The
 * repeated `GNU.sparse.offset` and `numbytes` of sparse format 0.0 are joined into one `GNU.sparse.map`, which is
 * how format 0.1 writes them.
 */
export function parsePaxRecords(body: Buffer): ReadonlyMap<string, string> | string {
  const records = new Map<string, string>();
  const sparse: string[] = [];
  let count = 0;
  for (let at = 0; at < body.length;) {
    const record = parseRecord(body, at);
    if (record === undefined || ++count > maxRecords) return `it holds a malformed record at byte ${at}`;
    at = record.end;
    if (record.key === "GNU.sparse.offset" || record.key === "GNU.sparse.numbytes") {
      const even = sparse.length % 2 === 0;
      if (even !== (record.key === "GNU.sparse.offset")) return "its sparse offsets and sizes do not alternate";
      if (!/^\d+$/.test(record.value)) return "a sparse offset or size is not a number";
      sparse.push(record.value);
    } else {
      records.set(record.key, record.value);
    }
  }
  if (sparse.length > 0) records.set("GNU.sparse.map", sparse.join(","));
  return records;
}

interface PaxRecord {
  readonly key: string;
  readonly value: string;
  readonly end: number;
}

function parseRecord(body: Buffer, start: number): PaxRecord | undefined {
  let at = start;
  let length = 0;
  for (; body[at] !== 0x20; at++) {
    const digit = (body[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9 || at - start > 8) return undefined;
    length = length * 10 + digit;
  }
  const end = start + length;
  if (length < 5 || end > body.length || body[end - 1] !== 0x0a) return undefined;
  const equals = body.indexOf(0x3d, at + 1);
  if (equals === -1 || equals >= end || equals === at + 1) return undefined;
  const key = decodeEntryName(body.subarray(at + 1, equals));
  const value = body.subarray(equals + 1, end - 1);
  const guarded = textKeys.has(key) ? value : body.subarray(at + 1, equals);
  if (guarded.includes(0)) return undefined;
  return { key, value: decodeEntryName(value), end };
}
