import { describe, expect, test } from "vitest";
import {
  buildLayer,
  type LayerEntry,
  opaqueWhiteout,
  packLayer,
  tarBody,
  tarEnd,
  tarHeader,
  whiteout,
} from "@sc/testing";
import type { FileReader } from "./file-reader.ts";
import { walkLayers } from "./walk-layers.ts";
import { codes, directory, file, hardlink, said, source, symlink, texts, walk } from "./walked-layers.testing.ts";

describe("whiteouts", () => {
  test("a whiteout hides the file of an older layer", async () => {
    const files = await walk([[file("a.txt"), file("b.txt")], [whiteout("a.txt")]]);
    expect(said(files)).toEqual({ "b.txt": "b.txt: b.txt" });
    expect(files.lstat("a.txt")).toBeUndefined();
  });

  test.each([
    ["before", [whiteout("a.txt"), file("a.txt", "new")]],
    ["after", [file("a.txt", "new"), whiteout("a.txt")]],
  ])("a whiteout does not hide the file of its own layer that comes %s it", async (_, upper) => {
    const files = await walk([[file("a.txt", "old")], upper]);
    expect(said(files)).toEqual({ "a.txt": "a.txt: new" });
    expect(files.layerOf("a.txt")).toBe(1);
  });

  test("a whiteout of a directory hides all below it", async () => {
    const files = await walk([[directory("d"), file("d/a.txt"), file("d/e/b.txt"), file("da.txt")], [whiteout("d")]]);
    expect(said(files)).toEqual({ "da.txt": "da.txt: da.txt" });
    expect(files.lstat("d")).toBeUndefined();
    expect(files.lstat("d/e/b.txt")).toBeUndefined();
  });

  test("a file put below a directory that its own layer whites out is all the directory holds", async () => {
    for (const upper of [
      [whiteout("d"), file("d/new.txt")],
      [file("d/new.txt"), whiteout("d")],
    ]) {
      const files = await walk([[file("d/old.txt"), file("d/e/old.txt")], upper]);
      expect(said(files)).toEqual({ "d/new.txt": "d/new.txt: d/new.txt" });
    }
  });

  test("what was whited out can come back in a later layer, without what it held", async () => {
    const files = await walk([[file("d/a.txt"), file("d/b.txt")], [whiteout("d")], [file("d/a.txt", "back")]]);
    expect(said(files)).toEqual({ "d/a.txt": "d/a.txt: back" });
    expect(files.layerOf("d/a.txt")).toBe(2);
  });

  test.each([
    ["first", [opaqueWhiteout("d"), file("d/new.txt")]],
    ["last", [file("d/new.txt"), opaqueWhiteout("d")]],
  ])("an opaque whiteout that comes %s hides older children and keeps its siblings", async (_, upper) => {
    const files = await walk([[file("d/old.txt"), file("d/e/old.txt"), file("e.txt")], upper]);
    expect(said(files)).toEqual({ "d/new.txt": "d/new.txt: d/new.txt", "e.txt": "e.txt: e.txt" });
    expect(files.stat("d")?.type).toBe("directory");
  });

  test("a layer that stands in an image twice brings back what a layer between hides", async () => {
    const lower = source(buildLayer([file("a.txt"), file("d/b.txt")]));
    const files = await walkLayers([lower, source(buildLayer([whiteout("a.txt"), whiteout("d")])), lower], [texts]);
    expect(said(files)).toEqual({ "a.txt": "a.txt: a.txt", "d/b.txt": "d/b.txt: d/b.txt" });
    expect(files.layerOf("d/b.txt")).toBe(2);
    expect(lower.opened()).toBe(1);
  });

  test("an opaque whiteout of the root hides everything older", async () => {
    const files = await walk([
      [file("a.txt"), file("d/b.txt")],
      [{ path: ".wh..wh..opq", content: "" }, file("c.txt")],
    ]);
    expect(Object.keys(said(files))).toEqual(["c.txt"]);
  });

  test("a whiteout with no name is a problem, and bookkeeping of aufs is nothing", async () => {
    const files = await walk([[file("d/.wh."), file(".wh..wh.plnk"), file(".wh..wh.orph/x.txt"), file("a.txt")]]);
    expect(codes(files)).toEqual(["WHITEOUT_INVALID"]);
    expect(files.problems[0]?.incomplete).toBe(true);
    expect(files.facts("texts").has("a.txt")).toBe(true);
  });

  test("a whiteout of what is not there does nothing", async () => {
    const files = await walk([[file("a.txt")], [whiteout("b.txt"), whiteout("no/where"), opaqueWhiteout("nothing")]]);
    expect(Object.keys(said(files))).toEqual(["a.txt"]);
    expect(codes(files)).toEqual([]);
  });
});

describe("one type over another", () => {
  test("a file over a directory hides what the directory held", async () => {
    const files = await walk([[directory("d"), file("d/a.txt")], [file("d", "now a file")]]);
    expect(said(files)).toEqual({});
    expect(files.stat("d")).toMatchObject({ type: "file", layer: 1 });
  });

  test("a directory over a file replaces it", async () => {
    const files = await walk([[file("a.txt")], [directory("a.txt"), file("a.txt/b.txt")]]);
    expect(Object.keys(said(files))).toEqual(["a.txt/b.txt"]);
  });

  test("a directory over a directory keeps what it holds", async () => {
    const files = await walk([
      [directory("d"), file("d/a.txt")],
      [directory("d"), file("d/b.txt")],
    ]);
    expect(Object.keys(said(files))).toEqual(["d/a.txt", "d/b.txt"]);
    expect([files.layerOf("d/a.txt"), files.layerOf("d/b.txt")]).toEqual([0, 1]);
  });

  test("a symbolic link over a directory hides its content, and the path leads elsewhere", async () => {
    const files = await walk([[file("d/a.txt", "old"), file("e/a.txt", "other")], [symlink("d", "e")]]);
    expect(said(files)).toEqual({ "e/a.txt": "e/a.txt: other" });
    expect(files.resolve("d/a.txt")).toBe("e/a.txt");
    expect(files.lstat("d")).toMatchObject({ type: "symlink", linkTarget: "e" });
  });

  test("a directory entry over a symbolic link replaces the link", async () => {
    const files = await walk([
      [file("e/a.txt"), symlink("d", "e")],
      [directory("d"), file("d/b.txt")],
    ]);
    expect(Object.keys(said(files))).toEqual(["d/b.txt", "e/a.txt"]);
    expect(files.resolve("d/b.txt")).toBe("d/b.txt");
  });

  test("of two entries with one path in a layer the later wins", async () => {
    const files = await walk([
      [file("a.txt", "first"), file("a.txt", "second"), file("d/x.txt"), file("d", "file now")],
    ]);
    expect(said(files)).toEqual({ "a.txt": "a.txt: second" });
  });
});

describe("symbolic links", () => {
  test("an entry below a link of an older layer lies where the link leads", async () => {
    const files = await walk([
      [directory("usr/lib"), symlink("lib", "usr/lib"), file("usr/lib/db.txt", "old")],
      [file("lib/db.txt", "new")],
    ]);
    expect(said(files)).toEqual({ "usr/lib/db.txt": "lib/db.txt: new" });
    expect(files.layerOf("usr/lib/db.txt")).toBe(1);
    expect(files.layerOf("lib/db.txt")).toBe(1);
  });

  test("a whiteout below a link of an older layer hides where the link leads", async () => {
    const files = await walk([[symlink("lib", "usr/lib"), file("usr/lib/db.txt")], [whiteout("lib/db.txt")]]);
    expect(said(files)).toEqual({});
  });

  test("a database directory that is a link is found at both its paths", async () => {
    const files = await walk([
      [file("usr/lib/sysimage/rpm/db.txt"), symlink("var/lib/rpm", "../../usr/lib/sysimage/rpm")],
    ]);
    expect(Object.keys(said(files))).toEqual(["usr/lib/sysimage/rpm/db.txt"]);
    expect(files.resolve("var/lib/rpm/db.txt")).toBe("usr/lib/sysimage/rpm/db.txt");
    expect(files.stat("var/lib/rpm/db.txt")).toMatchObject({ type: "file", layer: 0 });
  });

  test.each<[string, readonly LayerEntry[]]>([
    ["a link", [symlink("l", "."), file("l/l")]],
    ["a directory", [directory("l"), symlink("l/m", ".."), file("l/m/l")]],
  ])("what replaces %s by a path that leads through it changes where the next entry lies", async (_, entries) => {
    const last = entries.at(-1)?.path ?? "";
    const files = await walk([[...entries, file(last.replace(/l$/, "a.txt"))]]);
    expect(Object.keys(said(files))).toEqual([last.replace(/l$/, "a.txt")]);
    expect(files.stat("l")?.type).toBe("directory");
    expect(files.lstat("a.txt")).toBeUndefined();
  });

  test("a link does not lead to what is hidden beside it", async () => {
    const files = await walk([
      [file("d/a")],
      [opaqueWhiteout("d"), symlink("d/a.txt", "a"), symlink("d/b.txt", "../d/a")],
    ]);
    expect(files.resolve("d/a.txt")).toBeUndefined();
    expect(said(files)).toEqual({});
  });

  test("links are followed inside the root, absolute ones and those that climb", async () => {
    const files = await walk([[symlink("a", "/../../b"), symlink("b", "c/../d"), directory("c"), file("d/x.txt")]]);
    expect(files.resolve("a/x.txt")).toBe("d/x.txt");
  });

  test("a chain of forty links is followed, a circle and a longer one are not", async () => {
    const chain = Array.from({ length: 41 }, (_, index) => symlink(`l${index}`, index === 0 ? "d" : `l${index - 1}`));
    const files = await walk([
      [file("d/x.txt"), ...chain, symlink("x", "y"), symlink("y", "x"), symlink("self", "self")],
    ]);
    expect(files.resolve("l39/x.txt")).toBe("d/x.txt");
    expect(files.resolve("l40/x.txt")).toBeUndefined();
    expect(files.resolve("x")).toBeUndefined();
    expect(files.resolve("self/a")).toBeUndefined();
  });

  test.each(["", "/"])(
    "what lies behind more than forty links is not looked for, links to %s included",
    async (from) => {
      const to = (index: number): string => `${from}${index === 0 ? "d" : `l${index - 1}`}`;
      const chain = Array.from({ length: 41 }, (_, index) => symlink(`l${index}`, to(index)));
      const behind: FileReader<string> = { ...texts, wants: ({ path }) => path.startsWith("l") };
      const files = await walk([[file("d/x"), ...chain]], { readers: [behind] });
      expect(Object.keys(said(files))).toHaveLength(40);
      expect(said(files)["l39/x"]).toBe("l39/x: d/x");
    },
  );

  test("an entry behind links that go in circles is a problem", async () => {
    const files = await walk([[symlink("x", "y"), symlink("y", "x"), file("x/a.txt")]]);
    expect(codes(files)).toEqual(["LINK_LOOP"]);
    expect(said(files)).toEqual({});
  });
});

describe("hard links", () => {
  test("a hard link is the file it names, read under its own path", async () => {
    const files = await walk([[file("a.txt", "content"), hardlink("b.txt", "a.txt"), hardlink("c.bin", "/./a.txt")]]);
    expect(said(files)).toEqual({ "a.txt": "a.txt: content", "b.txt": "b.txt: content" });
    expect(files.stat("c.bin")).toMatchObject({ type: "file", size: 7 });
  });

  test("a hard link to a file of an older layer keeps its content when that path is hidden later", async () => {
    const files = await walk([[file("a.txt", "content")], [hardlink("b.txt", "a.txt")], [whiteout("a.txt")]]);
    expect(said(files)).toEqual({ "b.txt": "b.txt: content" });
    expect(files.layerOf("b.txt")).toBe(1);
  });

  test("a hard link to a file nobody wanted is read in a second pass, over its layer alone", async () => {
    const layers = [[file("store/abc", "content")], [hardlink("b.txt", "store/abc")], [file("c.txt")]].map((entries) =>
      source(buildLayer(entries)),
    );
    const files = await walkLayers(layers, [texts]);
    expect(said(files)).toEqual({ "b.txt": "b.txt: content", "c.txt": "c.txt: c.txt" });
    expect(layers.map(({ opened }) => opened())).toEqual([2, 1, 1]);
  });

  test("a hard link names the file that is there at the time, not one that replaces it", async () => {
    const files = await walk([
      [file("a.txt", "first"), hardlink("b.txt", "a.txt"), file("a.txt", "second"), hardlink("c.txt", "a.txt")],
    ]);
    expect(said(files)).toEqual({ "a.txt": "a.txt: second", "b.txt": "b.txt: first", "c.txt": "c.txt: second" });
  });

  test("a hard link through a directory that became a link reads what is really there", async () => {
    const files = await walk([
      [file("e/x.txt", "right"), file("d/x.txt", "wrong"), symlink("d", "e"), hardlink("y.txt", "d/x.txt")],
    ]);
    expect(said(files)).toEqual({ "e/x.txt": "e/x.txt: right", "y.txt": "y.txt: right" });
  });

  test("a hard link to a symbolic link is that link", async () => {
    const files = await walk([[file("d/x.txt"), symlink("l", "d/x.txt"), hardlink("m", "l")]]);
    expect(files.lstat("m")).toMatchObject({ type: "symlink", linkTarget: "d/x.txt" });
    expect(files.resolve("m")).toBe("d/x.txt");
  });

  test.each([
    ["what is missing", hardlink("b.txt", "nothing")],
    ["itself", hardlink("b.txt", "b.txt")],
    ["a directory", hardlink("b.txt", "d")],
    ["a path outside", hardlink("b.txt", "../../a")],
    ["what comes later", hardlink("b.txt", "z.txt")],
  ])("a hard link to %s is a problem", async (_, link) => {
    const files = await walk([[directory("d"), link, file("z.txt")]]);
    expect(files.problems).toMatchObject([{ code: "HARDLINK_BROKEN", path: "b.txt", incomplete: true }]);
    expect(Object.keys(said(files))).toEqual(["z.txt"]);
  });

  test("a hard link to what an older layer hid is a problem", async () => {
    const files = await walk([[file("a.txt")], [whiteout("a.txt")], [hardlink("b.txt", "a.txt")]]);
    expect(codes(files)).toEqual(["HARDLINK_BROKEN"]);
  });

  test("facts found by content survive under the link when the name they were found at is gone", async () => {
    const binaries: FileReader<string> = {
      id: "binaries",
      version: 1,
      wants: () => false,
      sniff: (first) => first[0] === 0x7f,
      read: (found) => found.text().slice(1),
    };
    const layers = [[file("bin/a", "\u007felf"), hardlink("bin/b", "bin/a")], [whiteout("bin/a")]];
    const files = await walk(layers, { readers: [binaries] });
    expect(Object.fromEntries(files.facts("binaries"))).toEqual({ "bin/b": "elf" });
  });
});

describe("paths", () => {
  test.each(["./a.txt", "/a.txt", "d/../a.txt", "//a.txt", "./d/.././/a.txt", "a.txt/"])(
    "%s is a.txt",
    async (path) => {
      expect(Object.keys(said(await walk([[{ path, content: "x", type: "file" }]])))).toEqual(["a.txt"]);
    },
  );

  test.each(["../a.txt", "d/../../a.txt", "/../a.txt"])("%s is outside the image: a problem", async (path) => {
    const files = await walk([[file(path), file("b.txt")]]);
    expect(codes(files)).toEqual(["ENTRY_PATH_INVALID"]);
    expect(Object.keys(said(files))).toEqual(["b.txt"]);
  });

  test("what means something on other systems is a plain name here: backslashes, drives, streams (scan.md G.3)", async () => {
    const names = ["..\\a.txt", "C:\\b.txt", "C:", "d:stream.txt", "\u202etxt.txt", "con.txt"];
    const files = await walk([names.map((name) => file(name)), [whiteout("..\\a.txt")]]);
    expect(Object.keys(said(files)).toSorted()).toEqual(
      names
        .slice(1)
        .filter((name) => name.endsWith(".txt"))
        .toSorted(),
    );
    expect(codes(files)).toEqual([]);
  });

  test("the root is a directory, whatever an entry says it is (scan.md D.6)", async () => {
    for (const path of ["./", "/", ".", "a/.."]) {
      const files = await walk([
        [file("b.txt"), { path, type: "file", content: "x" }, { path, type: "symlink", linkTarget: "b.txt" }],
      ]);
      expect(Object.keys(said(files)), path).toEqual(["b.txt"]);
      expect(files.stat("")?.type).toBe("directory");
    }
  });

  test("missing parent directories are made, and the root can be described", async () => {
    const files = await walk([[directory("./"), file("a/b/c.txt")]]);
    expect(files.stat("a/b")).toMatchObject({ type: "directory", layer: 0 });
    expect(codes(files)).toEqual([]);
  });

  test("names that are not UTF-8 stay apart", async () => {
    const names = [Buffer.from([0x61, 0xff]), Buffer.from([0x61, 0xfe])];
    const parts = names.map((name) =>
      Buffer.concat([tarHeader({ path: "", size: 1, overwrite: { 0: name } }), tarBody(Buffer.from("x"))]),
    );
    const all: FileReader<number> = { id: "all", version: 1, wants: () => true, read: ({ size }) => size };
    const layer = packLayer(Buffer.concat([...parts, tarEnd()]));
    const files = await walkLayers([source(layer)], [all]);
    expect(files.facts("all").size).toBe(2);
  });
});
