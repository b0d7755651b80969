import { describe, expect, test } from "vitest";
import { FileTree } from "./file-tree.ts";

describe("the names of a tree that is large", () => {
  const tree = new FileTree(130_000);
  for (let index = 0; index < 100_000; index++) tree.childOrNew(0, `plain-${index}`);
  const folder = tree.childOrNew(0, "folder");
  const long = "x".repeat(300);
  // Alike from the beginning on, longer than what one takes over from another, of one and of two bytes a character.
  const names = [
    ...Array.from({ length: 100 }, (_, index) => `a-name-that-goes-on-${index}.txt`),
    ...["", "1", "12", "1é", "1漢", "漢", "漢字", "漢字2"].map((end) => `a-name-that-goes-on-${end}`),
    ...["a", "b", "ab"].map((end) => long + end),
    "a",
    "ab",
    "b",
  ];
  const nodes = names.map((name) => tree.childOrNew(folder, name));

  test("are found and read as they were written, however much they share with the one before", () => {
    expect(nodes.map((node) => tree.name(node))).toEqual(names);
    expect(names.map((name) => tree.child(folder, name))).toEqual(nodes);
    expect(tree.path(nodes[7] ?? 0)).toBe("folder/a-name-that-goes-on-7.txt");
    expect(tree.name(tree.child(0, "plain-99999") ?? 0)).toBe("plain-99999");
  });

  // So many that names which are not there fall into places of some that are.
  test("are not taken for others of the same length or in another folder", () => {
    const numbers = Array.from({ length: 20_000 }, (_, index) => String(index).padStart(5, "0"));
    const crowd = tree.childOrNew(0, "crowd");
    for (const number of numbers) tree.childOrNew(crowd, `one-of-many-${number}.txt`);
    for (const other of ["two-of-many-%.txt", "one-of-mony-%.txt", "one-of-many-%.tgz"]) {
      const found = numbers.filter((number) => tree.child(crowd, other.replace("%", number)) !== undefined);
      expect(found, other).toEqual([]);
    }
    expect(names.filter((name) => tree.child(0, name) !== undefined)).toEqual([]);
  });
});
