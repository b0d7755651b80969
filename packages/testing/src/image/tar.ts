/** The fields of one tar header, as raw as a hostile archive needs them. */
export interface TarHeader {
  /** At most 100 bytes go into the name field; the rest is lost unless a PAX record says it. */
  readonly path: string;
  /** Bytes of content; negative and overlarge numbers are written in base 256. */
  readonly size?: number | bigint;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  /** The type flag: `0` file, `5` directory, `2` symlink, `1` hard link, `x` and `g` PAX, `L` and `K` GNU, `S` sparse. */
  readonly typeflag?: string;
  readonly linkTarget?: string;
  readonly prefix?: string;
  /** Default: POSIX ustar, version 00. */
  readonly magic?: string;
  /** What stands in the checksum field instead of the right sum. */
  readonly checksum?: number;
  /** Bytes written over the finished header, before the checksum, at the given offsets. */
  readonly overwrite?: Readonly<Record<number, Uint8Array>>;
}

const blockBytes = 512;

/**
 * One 512-byte header block.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function tarHeader(header: TarHeader): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  const { mode = 0o644, uid = 0, gid = 0, mtime = 0, size = 0, magic = "ustar\u000000" } = header;
  writeText(block, header.path, { at: 0, length: 100 });
  writeNumber(block, mode, { at: 100, length: 8 });
  writeNumber(block, uid, { at: 108, length: 8 });
  writeNumber(block, gid, { at: 116, length: 8 });
  writeNumber(block, size, { at: 124, length: 12 });
  writeNumber(block, mtime, { at: 136, length: 12 });
  block.write(header.typeflag ?? "0", 156, 1, "latin1");
  writeText(block, header.linkTarget ?? "", { at: 157, length: 100 });
  block.write(magic, 257, 8, "latin1");
  writeText(block, header.prefix ?? "", { at: 345, length: 155 });
  for (const [offset, bytes] of Object.entries(header.overwrite ?? {})) block.set(bytes, Number(offset));
  block.fill(" ", 148, 156);
  const sum = header.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8, "latin1");
  return block;
}

interface Field {
  readonly at: number;
  readonly length: number;
}

function writeText(block: Buffer, text: string, { at, length }: Field): void {
  Buffer.from(text).copy(block, at, 0, length);
}

function writeNumber(block: Buffer, value: number | bigint, { at, length }: Field): void {
  const octal = value.toString(8);
  if (value >= 0 && octal.length < length) {
    block.write(`${octal.padStart(length - 1, "0")}\0`, at, length, "latin1");
    return;
  }
  // GNU's base 256: two's complement with the first bit set.
  let rest = BigInt.asUintN(length * 8 - 1, BigInt(value));
  for (let index = at + length - 1; index >= at; index -= 1) {
    block[index] = Number(rest & 255n);
    rest >>= 8n;
  }
  block[at] = (block[at] ?? 0) | 0x80;
}

/** Content padded with zeros to whole blocks. */
export function tarBody(content: Uint8Array): Uint8Array {
  const padded = Buffer.alloc(Math.ceil(content.length / blockBytes) * blockBytes);
  padded.set(content);
  return padded;
}

/** The two zero blocks that end an archive. */
export function tarEnd(): Uint8Array {
  return Buffer.alloc(2 * blockBytes);
}

/** One PAX record, `length key=value\n`, the length counting itself. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const restBytes = Buffer.byteLength(rest);
  let length = restBytes + String(restBytes).length;
  length = restBytes + String(length).length;
  return `${length}${rest}`;
}

/** A PAX header with its records: for the next entry, or for all that follow when `global`. */
export function paxHeader(
  records: Readonly<Record<string, string>>,
  { global = false }: { readonly global?: boolean } = {},
): Uint8Array {
  const text = Object.entries(records)
    .map(([key, value]) => paxRecord(key, value))
    .join("");
  const body = Buffer.from(text);
  const header = tarHeader({ path: "PaxHeaders/entry", size: body.length, typeflag: global ? "g" : "x" });
  return Buffer.concat([header, tarBody(body)]);
}
