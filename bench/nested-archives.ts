// What a fat jar of 200 MB with 300 nested jars costs: processor time, and memory at its highest over what the process
// had before, with the nested jars stored as Spring has them, and compressed.
//
//   node bench/nested-archives.ts [--smoke]
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { crc32, deflateRawSync } from "node:zlib";
import { openFileAccess } from "@sc/archive";
import { catalogers } from "@sc/sbom/catalogers";

const { values } = parseArgs({
  options: { smoke: { type: "boolean", default: false }, file: { type: "string" }, kind: { type: "string" } },
});
const jars = 300;
const jarBytes = values.smoke ? 2_000 : 700_000;

interface Member {
  readonly path: string;
  readonly content: Buffer;
  readonly deflated: boolean;
}

function fields(...list: readonly (readonly [2 | 4, number])[]): Buffer {
  const buffer = Buffer.alloc(list.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of list) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}

/** A zip in pieces, one for each member, and its directory. */
function* zipPieces(members: Iterable<Member>): Generator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, deflated } of members) {
    const name = Buffer.from(path);
    const data = deflated ? deflateRawSync(content) : content;
    const facts = fields(
      [2, deflated ? 8 : 0],
      [4, 0],
      [4, crc32(content)],
      [4, data.length],
      [4, content.length],
      [2, name.length],
      [2, 0],
    );
    const local = Buffer.concat([fields([4, 0x04034b50], [2, 20], [2, 0]), facts, name, data]);
    const place = fields([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    directory.push(Buffer.concat([fields([4, 0x02014b50], [2, 20], [2, 20], [2, 0]), facts, place, name]));
    offset += local.length;
    yield local;
  }
  const central = Buffer.concat(directory);
  const counts = [
    [2, directory.length],
    [2, directory.length],
  ] as const;
  yield central;
  yield fields([4, 0x06054b50], [2, 0], [2, 0], ...counts, [4, central.length], [4, offset], [2, 0]);
}

function* nestedJars(deflated: boolean): Generator<Member> {
  for (let index = 0; index < jars; index += 1) {
    const name = `library-${index}`;
    const key = Buffer.alloc(16, index);
    const filler = createCipheriv("aes-128-ctr", key, key).update(Buffer.alloc(jarBytes));
    const properties = Buffer.from(`groupId=org.example\nartifactId=${name}\nversion=1.${index}\n`);
    const content = Buffer.concat([
      ...zipPieces([
        { path: "org/example/Filler.class", content: filler, deflated: false },
        { path: `META-INF/maven/org.example/${name}/pom.properties`, content: properties, deflated: true },
      ]),
    ]);
    yield { path: `BOOT-INF/lib/${name}-1.${index}.jar`, content, deflated };
  }
}

function readOnce(path: string, kind: string): string {
  using file = openFileAccess(path);
  const [before, begin] = [process.memoryUsage.rss(), process.cpuUsage()];
  const content = catalogers
    .find(({ id }) => id === "java-archives")
    ?.read({
      path: "opt/app.jar",
      size: file.size,
      mode: 0o644,
      readAt: (offset, length) => file.readAt(offset, length),
      bytes: () => file.readAt(0, file.size),
      text: () => "",
    });
  const { user, system } = process.cpuUsage(begin);
  const found = JSON.stringify(content).match(/"artifact":/g)?.length ?? 0;
  if (found !== jars) throw new Error(`${found} artifacts, wanted ${jars}`);
  const over = process.resourceUsage().maxRSS * 1024 - before;
  return `${kind.padEnd(10)} ${(file.size / 1e6).toFixed(0)} MB, ${found} jars: ${((user + system) / 1000).toFixed(0)} ms of processors, ${(over / 1e6).toFixed(0)} MB at the peak over what was there`;
}

function measureKind(directory: string, kind: "stored" | "compressed"): void {
  const path = join(directory, `${kind}.jar`);
  const file = openSync(path, "w");
  for (const piece of zipPieces(nestedJars(kind === "compressed"))) writeSync(file, piece);
  closeSync(file);
  const words = [import.meta.filename, "--file", path, "--kind", kind];
  const ran = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${kind}: ${ran.stderr}`);
  process.stdout.write(ran.stdout);
}

if (values.file !== undefined) console.log(readOnce(values.file, values.kind ?? ""));
else {
  const directory = await mkdtemp(join(tmpdir(), "sc-bench-jars-"));
  try {
    for (const kind of ["stored", "compressed"] as const) measureKind(directory, kind);
  } finally {
    await rm(directory, { recursive: true });
  }
}
