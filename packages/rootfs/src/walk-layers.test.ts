import { describe, expect, test } from "vitest";
import { hasCode } from "@sc/model";
import { buildLayer, packLayer, whiteout } from "@sc/testing";
import type { FileReader } from "./file-reader.ts";
import { walkLayers } from "./walk-layers.ts";
import { codes, file, said, source, symlink, texts, walk } from "./walked-layers.testing.ts";

describe("evidence behind links", () => {
  const copyrights: FileReader<string> = {
    id: "copyrights",
    version: 1,
    wants: ({ path }) => path.startsWith("usr/share/doc/") && path.endsWith("/copyright"),
    read: (found) => `${found.path}: ${found.text()}`,
  };

  test("a wanted file behind a directory that is a link is read at the path it is wanted at", async () => {
    const entries = [file("data/docs/bash/copyright", "GPL"), symlink("usr/share/doc", "../../data/docs")];
    const files = await walk([entries], { readers: [copyrights] });
    expect(Object.fromEntries(files.facts("copyrights"))).toEqual({
      "usr/share/doc/bash/copyright": "usr/share/doc/bash/copyright: GPL",
    });
    expect(files.layerOf("usr/share/doc/bash/copyright")).toBe(0);
  });

  test("files of several directories behind a link are read at the paths they have through it", async () => {
    const names = ["a/1.js", "a/2.js", "3.js", "b/4.js", "a/5.js", "b/c/6.js"];
    const reader: FileReader<string> = { ...copyrights, wants: ({ path }) => path.startsWith("l/") };
    const entries = [...names.map((name) => file(`x/y/${name}`, name)), file("x/z.js"), symlink("l", "x/y")];
    const files = await walk([entries], { readers: [reader] });
    const expected = names.map((name) => [`l/${name}`, `l/${name}: ${name}`]);
    expect(Object.fromEntries(files.facts("copyrights"))).toEqual(Object.fromEntries(expected));
  });

  test("a wanted file that a link of an older layer moved is not read again behind that link", async () => {
    const layers = [[symlink("usr/share/doc", "/docs")], [file("usr/share/doc/x/copyright", "MIT")]];
    const files = await walk(layers, { readers: [copyrights] });
    expect([...files.facts("copyrights").keys()]).toEqual(["docs/x/copyright"]);
  });

  test("a wanted file that is wanted at its real path too is read once", async () => {
    const layer = source(
      buildLayer([
        file("usr/share/doc/gcc-12-base/copyright", "GPL"),
        symlink("usr/share/doc/libgcc-s1", "gcc-12-base"),
      ]),
    );
    const files = await walkLayers([layer], [copyrights]);
    expect([...files.facts("copyrights").keys()]).toEqual(["usr/share/doc/gcc-12-base/copyright"]);
    expect(files.resolve("usr/share/doc/libgcc-s1/copyright")).toBe("usr/share/doc/gcc-12-base/copyright");
    expect(layer.opened()).toBe(1);
  });

  test("a wanted link to a file that is not wanted is read through the link", async () => {
    const files = await walk([[file("data/1", "content")], [symlink("etc/a.txt", "/data/1")]]);
    expect(said(files)).toEqual({ "etc/a.txt": "etc/a.txt: content" });
    expect(files.layerOf("etc/a.txt")).toBe(0);
  });

  test("an entry that a link of an older layer moved to a wanted path is read there", async () => {
    const files = await walk(
      [[file("usr/share/doc/x/readme"), symlink("docs", "usr/share/doc/x")], [file("docs/copyright", "MIT")]],
      {
        readers: [copyrights],
      },
    );
    expect(Object.fromEntries(files.facts("copyrights"))).toEqual({
      "usr/share/doc/x/copyright": "usr/share/doc/x/copyright: MIT",
    });
  });

  test.each([
    ["the name of a link", { folders: ["docs"] }, "docs/copyright"],
    ["a directory above a link", { above: ["srv"] }, "srv/docs/copyright"],
    ["a directory that a link is called like", { above: ["docs"] }, "docs/a/copyright"],
    ["a directory behind a link", { above: ["a"] }, "docs/a/copyright"],
    ["a name", { names: ["copyright"] }, "docs/a/copyright"],
  ])("a reader that says so finds a file by %s", async (_, among, path) => {
    const reader: FileReader<string> = { ...copyrights, among, wants: (found) => found.path === path };
    const link = path.slice(0, path.indexOf("docs") + "docs".length);
    const below = path.slice(link.length + 1);
    const files = await walk([[file(`x/y/${below}`, "GPL"), symlink(link, "/x/y")]], { readers: [reader] });
    expect([...files.facts("copyrights").keys()]).toEqual([path]);
  });

  test("a reader is not asked about names that it does not say it wants, in any way they are found", async () => {
    const asked: string[] = [];
    const wants: FileReader<string>["wants"] = ({ path }) => asked.push(path) > 0;
    const reader: FileReader<string> = { ...copyrights, among: { extensions: ["txt"], stems: ["lib"] }, wants };
    const entries = [file("d/a.js"), file("d/B.TXT"), file("d/lib-1.so"), file("d/liba.so"), symlink("l", "d")];
    await walk([entries], { readers: [reader] });
    expect([...new Set(asked)]).toEqual(["d/B.TXT", "d/lib-1.so"]);
  });

  test("more files behind links than the limit end the walk", async () => {
    const entries = [
      ...Array.from({ length: 30 }, (_, index) => file(`d/${index}`)),
      symlink("a", "d"),
      symlink("b", "d"),
    ];
    const work = walk([entries], { limits: { maxLinkedFiles: 50 } });
    await expect(work).rejects.toSatisfy((error) => hasCode(error, "IMAGE_LIMIT_EXCEEDED"));
  });
});

describe("verification", () => {
  const built = buildLayer([file("a.txt"), file("b.txt", "x".repeat(5000))]);
  const other = buildLayer([file("c.txt")]);

  test("facts of a layer whose bytes are not its digest's are never released", async () => {
    const given: string[] = [];
    const spy: FileReader<string> = { ...texts, read: ({ path }) => (given.push(path), path) };
    const plain = buildLayer([file("a.txt")], { compression: "none" });
    const lying = source(plain, { descriptor: { ...plain.descriptor, digest: other.descriptor.digest } });
    const work = walkLayers([lying], [spy]);
    await expect(work).rejects.toSatisfy((error) => hasCode(error, "LAYER_DIGEST_MISMATCH"));
    expect(given).toEqual(["a.txt"]);
  });

  test.each([-1, 1])("a layer of another size is refused (%s)", async (difference) => {
    const descriptor = { ...built.descriptor, size: built.descriptor.size + difference };
    const work = walkLayers([source(built, { descriptor })], [texts]);
    await expect(work).rejects.toSatisfy((error) => hasCode(error, "LAYER_SIZE_MISMATCH"));
  });

  test("a diffID that is not the content's is a problem, unless nobody asked", async () => {
    const lying = source(built, { diffId: other.diffId });
    const files = await walkLayers([lying], [texts]);
    expect(files.problems).toMatchObject([{ code: "DIFF_ID_MISMATCH", layer: built.descriptor.digest }]);
    expect(codes(await walkLayers([lying], [texts], { verifyDiffIds: false }))).toEqual([]);
  });

  test.each(["gzip", "zstd", "none"] as const)("a layer is read whatever its compression (%s)", async (compression) => {
    const files = await walkLayers([source(buildLayer([file("a.txt")], { compression }))], [texts]);
    expect(said(files)).toEqual({ "a.txt": "a.txt: a.txt" });
    expect(files.problems).toEqual([]);
  });

  test("data after the end of the tar is a problem", async () => {
    const tar = Buffer.concat([built.tar, built.tar]);
    expect(codes(await walkLayers([source(packLayer(tar))], [texts]))).toEqual(["LAYER_AMBIGUOUS"]);
  });

  test("an aborted walk rejects with the signal's reason", async () => {
    const controller = new AbortController();
    const stopping: FileReader<string> = {
      ...texts,
      read: () => (controller.abort(new Error("enough")), "read"),
    };
    const layers = Array.from({ length: 8 }, (_, index) => source(buildLayer([file(`${index}.txt`)])));
    await expect(walkLayers(layers, [stopping], { signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("readers", () => {
  test("a reader is told content only of what it wants, and a file told by its content is read whole", async () => {
    const long = `\u007fELF${"x".repeat(10_000)}`;
    const sniffed: number[] = [];
    const reader: FileReader<number> = {
      id: "elf",
      version: 1,
      wants: ({ path }) => path === "wanted",
      sniff: (first) => (sniffed.push(first.length), first[0] === 0x7f),
      read: (found) => found.bytes().length,
    };
    const entries = [file("a", "text"), file("b", long), file("empty", ""), file("wanted", "w"), file("c", "\u007f")];
    const files = await walk([entries], { readers: [reader] });
    expect(Object.fromEntries(files.facts("elf"))).toEqual({ b: long.length, c: 1, wanted: 1 });
    expect(sniffed).toEqual([4, 4096, 1]);
  });

  test("what is spooled is the file's own, whatever was spooled before it (SBOM-1)", async () => {
    const contents = ["a".repeat(9000), "b".repeat(100), "", "c".repeat(20_000), "d".repeat(5000)];
    const entries = contents.map((content, index) => file(`${index}.txt`, content));
    const files = await walk([entries], { limits: { maxMemoryFileBytes: 10 } });
    const expected = contents.map((content, index) => [`${index}.txt`, `${index}.txt: ${content}`]);
    expect(said(files)).toEqual(Object.fromEntries(expected));
  });

  test("a captured file is random access, in memory and spooled alike", async () => {
    const reader: FileReader<string> = {
      id: "parts",
      version: 1,
      wants: () => true,
      read: (found) =>
        [found.readAt(2, 3), found.readAt(8, 100), found.readAt(50, 5), found.bytes()]
          .map((bytes) => Buffer.from(bytes).toString())
          .join("|"),
    };
    for (const limits of [{}, { maxMemoryFileBytes: 4 }, { maxMemoryBytes: 0 }]) {
      const files = await walk([[file("a", "0123456789")]], { readers: [reader], limits });
      expect(files.facts("parts").get("a")).toBe("234|89||0123456789");
    }
  });

  test("facts of a file that is not small are copied, for what is cut out of a text keeps all of it in memory", async () => {
    const given: unknown[] = [];
    const read: FileReader<unknown>["read"] = (found) => {
      given.push({ begin: found.text().slice(0, 20), size: found.size });
      return given.at(-1);
    };
    const files = await walk([[file("a.txt", "a".repeat(20_000)), file("b.txt", "b".repeat(1000))]], {
      readers: [{ ...texts, read }],
    });
    expect([...files.facts("texts").values()]).toEqual(given);
    expect(files.facts("texts").get("a.txt")).not.toBe(given[0]);
    expect(files.facts("texts").get("b.txt")).toBe(given[1]);
  });

  test("what a reader throws is a problem of that file alone", async () => {
    const reader: FileReader<string> = {
      id: "fragile",
      version: 1,
      wants: () => true,
      read: (found) => {
        if (found.path === "bad") throw new Error("cannot parse");
        return found.text(4);
      },
    };
    const files = await walk([[file("bad"), file("long", "12345"), file("ok", "1234")]], { readers: [reader] });
    expect(Object.fromEntries(files.facts("fragile"))).toEqual({ ok: "1234" });
    expect(files.problems).toMatchObject([
      { code: "FILE_UNREADABLE", path: "bad", cataloger: "fragile", incomplete: true },
      { code: "FILE_TOO_LARGE", path: "long", incomplete: true },
    ]);
  });

  test("a wanted file over the limit is a problem and leaves the inventory incomplete", async () => {
    const files = await walk([[file("a.txt", "12345"), file("b.txt", "1")]], { limits: { maxFileBytes: 4 } });
    expect(files.problems).toMatchObject([
      { code: "FILE_TOO_LARGE", path: "a.txt", cataloger: "texts", incomplete: true },
    ]);
    expect(Object.keys(said(files))).toEqual(["b.txt"]);
  });

  test("a problem of a file that a later layer hides is not reported", async () => {
    const reader: FileReader<string> = {
      ...texts,
      read: ({ path }) => ({ kind: "problem", code: "RECORD_MALFORMED", message: "bad", path }),
    };
    const files = await walk([[file("a.txt"), file("b.txt")], [whiteout("a.txt")]], { readers: [reader] });
    expect(files.problems).toMatchObject([{ code: "RECORD_MALFORMED", path: "b.txt", cataloger: "texts" }]);
  });

  test("facts come in the order of their paths whatever the order of entries", async () => {
    const files = await walk([[file("c.txt"), file("a.txt")], [file("b.txt")]]);
    expect([...files.facts("texts").keys()]).toEqual(["a.txt", "b.txt", "c.txt"]);
  });
});

test("the bytes of a captured file are given back when its readers are done, not when garbage is collected", async () => {
  const kept: Uint8Array[] = [];
  const keeper: FileReader<number> = {
    id: "keeper",
    version: 1,
    wants: ({ path }) => path.endsWith(".bin"),
    read: (found) => kept.push(found.bytes()),
  };
  const large = "x".repeat(3 * 2 ** 20);
  const limits = { maxMemoryBytes: 4 * 2 ** 20 };
  await walk([[file("a.bin", large), file("b.bin", large), file("c.bin", "small")]], { readers: [keeper], limits });
  expect(kept.map(({ length }) => length)).toEqual([0, 0, 0]);
});
