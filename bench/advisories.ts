import { closeSync, openSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { crc32, deflateRawSync } from "node:zlib";

/** Numbers that look random and are the same in every run. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** The ecosystems that advisories are generated for, with how versions are written there. */
export const shapes = [
  { ecosystem: "npm", type: "npm", suffix: "" },
  { ecosystem: "PyPI", type: "pypi", suffix: "" },
  { ecosystem: "Debian:12", type: "deb", suffix: "-1" },
  { ecosystem: "Alpine:v3.20", type: "apk", suffix: "-r0" },
] as const;

/** A package's name, of as many as there are. */
export function packageName(number: number): string {
  return `package-${number.toString(36)}`;
}

// Three of four records name one package, as most real ones do; the others two to five.
const packagesPerRecord = 1.625;

/** How many names there are in each ecosystem among so many advisories: each is named by about ten of them. */
export function countNames(advisories: number): number {
  return Math.ceil((advisories * packagesPerRecord) / (10 * shapes.length));
}

const words = (
  "a buffer overflow in the parser of archive headers lets remote attackers run code through crafted entries when the " +
  "length is not checked before memory is used again after it was given back to the allocator by another thread"
).split(" ");

/**
 * Writes a zip as OSV exports it, with this many records, each of one ecosystem and with texts as long as real ones.
 */
export async function writeAdvisories(path: string, count: number): Promise<void> {
  const random = createRandom(7);
  const file = openSync(path, "w");
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (let number = 0; number < count; number += 1) {
    const record = makeRecord(number, { count, random });
    const name = Buffer.from(`${record.id}.json`);
    const content = Buffer.from(JSON.stringify(record));
    const compressed = deflateRawSync(content, { level: 1 });
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(compressed.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, name, compressed]);
    writeSync(file, local);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    // A copy of its own: a slice of the shared pool would keep the whole pool alive.
    directory.push(Uint8Array.from(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, place, name])));
    offset += local.length;
    // What deflation allocates outside the heap is only given back between turns.
    if (number % 500 === 0) await setImmediate();
  }
  const central = Buffer.concat(directory);
  writeSync(file, Buffer.concat([central, endOfZip(count, central.length, offset)]));
  closeSync(file);
}

// With ZIP64, for there are more records than 65,535.
function endOfZip(count: number, bytes: number, offset: number): Buffer {
  const wide = Buffer.alloc(56);
  wide.write("PK\u0006\u0006", 0, "latin1");
  wide.writeBigUInt64LE(44n, 4);
  wide.writeBigUInt64LE(BigInt(count), 24);
  wide.writeBigUInt64LE(BigInt(count), 32);
  wide.writeBigUInt64LE(BigInt(bytes), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\u0006\u0007", 0, "latin1");
  locator.writeBigUInt64LE(BigInt(offset + bytes), 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt32LE(0, 4);
  end.writeUInt16LE(0, 20);
  return Buffer.concat([wide, locator, end]);
}

interface Generation {
  readonly count: number;
  readonly random: (below: number) => number;
}

function makeRecord(number: number, { count, random }: Generation) {
  const shape = shapes[number % shapes.length] ?? shapes[0];
  const year = 2000 + (number % 26);
  const text = Array.from({ length: 180 }, () => words[random(words.length)]).join(" ");
  const affected = Array.from({ length: random(4) === 0 ? 2 + random(4) : 1 }, () => ({
    package: { ecosystem: shape.ecosystem, name: packageName(random(countNames(count))) },
    ranges: [
      {
        type: shape.ecosystem === "npm" ? "SEMVER" : "ECOSYSTEM",
        events: [{ introduced: "0" }, { fixed: `${random(20)}.${random(50)}.0${shape.suffix}` }],
      },
    ],
  }));
  return {
    schema_version: "1.7.0",
    id: `GEN-${year}-${number}`,
    modified: "2026-01-01T00:00:00Z",
    published: "2025-01-01T00:00:00Z",
    aliases: [`CVE-${year}-${number}`],
    summary: text.slice(0, 60),
    details: text,
    severity: [
      {
        type: "CVSS_V3",
        score: `CVSS:3.1/AV:${"NALP"[random(4)]}/AC:L/PR:${"NLH"[random(3)]}/UI:N/S:U/C:${"HLN"[random(3)]}/I:H/A:${"HLN"[random(3)]}`,
      },
    ],
    affected,
    references: [
      { type: "WEB", url: `https://example.com/advisory/${number}` },
      { type: "FIX", url: `https://example.com/commit/${number * 7_919}` },
    ],
  };
}
