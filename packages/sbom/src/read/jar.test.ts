import { crc32, deflateRawSync } from "node:zlib";
import { bufferAccess, type RandomAccess } from "@sc/archive";
import { describe, expect, test } from "vitest";
import { readJar } from "./jar.ts";

interface Member {
  readonly path: string;
  readonly content: Buffer;
  readonly deflated?: boolean;
}

function fields(...list: readonly (readonly [1 | 2 | 4, number])[]): Buffer {
  return Buffer.concat(
    list.map(([bytes, value]) => {
      const field = Buffer.alloc(4);
      field.writeUInt32LE(value);
      return field.subarray(0, bytes);
    }),
  );
}

function zipOf(members: readonly Member[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, deflated = false } of members) {
    const name = Buffer.from(path);
    const data = deflated ? deflateRawSync(content) : content;
    const common = [
      [2, deflated ? 8 : 0],
      [4, 0],
      [4, crc32(content)],
      [4, data.length],
      [4, content.length],
      [2, name.length],
      [2, 0],
    ] as const;
    const local = Buffer.concat([fields([4, 0x04034b50], [2, 20], [2, 0], ...common), name, data]);
    directory.push(
      Buffer.concat([
        fields([4, 0x02014b50], [2, 20], [2, 20], [2, 0], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
        name,
      ]),
    );
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = members.length;
  const end = fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, central.length], [4, offset], [2, 0]);
  return Buffer.concat([...bodies, central, end]);
}

function jarOf(name: string, ...members: readonly Member[]): Member {
  return { path: `BOOT-INF/lib/${name}-1.0.jar`, content: zipOf([...members, propertiesOf(name)]) };
}

function propertiesOf(name: string): Member {
  return {
    path: `META-INF/maven/org.example/${name}/pom.properties`,
    content: Buffer.from(`groupId=org.example\nartifactId=${name}\nversion=1.0\n`),
    deflated: true,
  };
}

const filler = (bytes: number): Member => ({ path: "filler.bin", content: Buffer.alloc(bytes, "0123456789abcdef") });
const deflated = (member: Member): Member => ({ ...member, deflated: true });

interface Watched {
  readonly source: RandomAccess;
  /** The most bytes asked for at once. */
  readonly largest: () => number;
}

/** A source that lies outside memory, as a captured file does: what is read of it is a copy. */
function watched(bytes: Buffer): Watched {
  let largest = 0;
  const inner = bufferAccess(bytes);
  const readAt = (offset: number, length: number): Uint8Array => {
    const piece = inner.readAt(offset, length);
    largest = Math.max(largest, piece.length);
    return Uint8Array.from(piece);
  };
  return { source: { size: bytes.length, readAt }, largest: () => largest };
}

function names(content: ReturnType<typeof readJar>): string[] {
  return content?.artifacts.map(({ artifact, inside }) => `${artifact} ${inside}`) ?? [];
}

describe("archives in archives (SBOM-1)", () => {
  test("those that are stored are read where they lie, however large, however deep", () => {
    const inner = jarOf("inner", filler(4_000_000));
    const middle = jarOf("middle", filler(4_000_000), inner);
    const { source, largest } = watched(zipOf([middle, propertiesOf("outer")]));
    const content = readJar(source, "opt/outer-1.0.jar", { heldBytes: 0 });
    expect(names(content)).toEqual([
      "outer ",
      "middle BOOT-INF/lib/middle-1.0.jar!/",
      "inner BOOT-INF/lib/middle-1.0.jar!/BOOT-INF/lib/inner-1.0.jar!/",
    ]);
    expect(content?.incomplete).toBeUndefined();
    expect(largest()).toBeLessThanOrEqual(1_048_576);
  });

  test("stored or compressed, the same is found, with the same hashes", () => {
    const members = [jarOf("a", filler(1000)), jarOf("b", jarOf("c"))];
    const stored = readJar(bufferAccess(zipOf(members)), "x.jar");
    const compressed = readJar(bufferAccess(zipOf(members.map(deflated))), "x.jar");
    const nested = (content: typeof stored): unknown => content?.artifacts.filter(({ inside }) => inside !== "");
    expect(stored?.artifacts.length).toBeGreaterThan(2);
    expect(nested(compressed)).toEqual(nested(stored));
  });

  test("compressed ones count together while they are open in one another, and what is too much is told", () => {
    const inner = jarOf("inner", filler(60_000));
    const middle = jarOf("middle", filler(60_000), deflated(inner));
    const outer = zipOf([deflated(middle), deflated(jarOf("beside", filler(100_000)))]);
    const narrow = readJar(bufferAccess(outer), "outer.jar", { heldBytes: 110_000 });
    expect(names(narrow)).toEqual(["middle BOOT-INF/lib/middle-1.0.jar!/", "beside BOOT-INF/lib/beside-1.0.jar!/"]);
    expect(narrow).toMatchObject({ incomplete: true, faults: { messages: [expect.stringContaining("110000 bytes")] } });
    const wide = readJar(bufferAccess(outer), "outer.jar", { heldBytes: 200_000 });
    expect(names(wide).length).toBe(3);
    expect(wide?.incomplete).toBeUndefined();
  });

  test("more of them than other threads may have beside is held while no other thread holds as much, and only then", () => {
    const inner = jarOf("inner", filler(60_000));
    const middle = jarOf("middle", filler(60_000), deflated(inner));
    const outer = zipOf([deflated(jarOf("small")), deflated(middle)]);
    let turns = 0;
    const counted = {
      ...bufferAccess(outer),
      alone: <Result>(work: () => Result) => ((turns += 1), { result: work() }),
    };
    const found = readJar(counted, "outer.jar", { besideBytes: 20_000 });
    expect([names(found).length, turns]).toEqual([3, 1]);
    expect(found).toEqual(readJar(bufferAccess(outer), "outer.jar"));
    const busy = readJar({ ...bufferAccess(outer), alone: () => undefined }, "outer.jar", { besideBytes: 20_000 });
    expect(names(busy)).toEqual(["small BOOT-INF/lib/small-1.0.jar!/"]);
    expect(busy).toMatchObject({ incomplete: true, faults: { messages: [expect.stringContaining("no room")] } });
  });

  test("one that is stored and damaged is told, and the others are found", () => {
    const bytes = zipOf([jarOf("a", filler(10_000)), jarOf("b")]);
    bytes.write("X", bytes.indexOf("0123456789abcdef") + 5000);
    const content = readJar(bufferAccess(bytes), "x.jar");
    expect(names(content)).toEqual(["b BOOT-INF/lib/b-1.0.jar!/"]);
    expect(content).toMatchObject({ incomplete: true });
  });
});

const described = (name: string): Member => ({ ...propertiesOf(name), path: `shaded/${name}/pom.properties` });

describe("what an archive is of what is described in it (SBOM-2)", () => {
  test.each([
    ["Maven names its file by the artifact", "opt/own-1.0.jar"],
    ["Quarkus names its file by group and artifact", "quarkus-app/lib/main/org.example.own-1.0.jar"],
    ["a classifier ends the name of the file", "opt/org.example.own-1.0-all.jar"],
    ["another version is in the name of the file", "opt/org.example.own-1.1.jar"],
  ])("%s, and it is listed once", (_, path) => {
    const bytes = zipOf([described("first"), propertiesOf("own"), described("last")]);
    const roles = readJar(bufferAccess(bytes), path)?.artifacts.map(({ artifact, role }) => `${artifact} ${role}`);
    expect(roles).toEqual(["own archive", "first shaded", "last shaded"]);
  });

  test.each([
    ["the archive", "Bundle-Version: 4.2.3\n"],
    ["a package of its classes", "\nName: org/example/\nImplementation-Version: 4.2.3\n"],
  ])(
    "the only one is a part of it where the file's name and the manifest of %s agree on another version",
    (_, text) => {
      const manifest = { path: "META-INF/MANIFEST.MF", content: Buffer.from(`Manifest-Version: 1.0\n${text}`) };
      const roles = (path: string): unknown =>
        readJar(bufferAccess(zipOf([manifest, propertiesOf("bundled")])), path)?.artifacts.map(
          ({ artifact, version, role }) => `${artifact} ${version} ${role}`,
        );
      expect(roles("opt/other-4.2.3.jar")).toEqual(["other 4.2.3 archive", "bundled 1.0 shaded"]);
      expect(roles("opt/other-3.x.jar")).toEqual(["bundled 1.0 archive"]);
      expect(roles("opt/renamed.jar")).toEqual(["bundled 1.0 archive"]);
    },
  );

  test("a file that is named by another group is none of them", () => {
    const bytes = zipOf([described("first"), propertiesOf("own")]);
    const roles = readJar(bufferAccess(bytes), "opt/org.other.own-1.0.jar")?.artifacts.map(({ artifact, role }) => [
      artifact,
      role,
    ]);
    expect(roles).toEqual([
      ["org.other.own", "archive"],
      ["first", "shaded"],
      ["own", "shaded"],
    ]);
  });
});
