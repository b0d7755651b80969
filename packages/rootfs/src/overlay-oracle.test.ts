import { describe, expect, test } from "vitest";
import { buildLayer, type LayerEntry, opaqueWhiteout, whiteout } from "@sc/testing";
import type { FileReader } from "./file-reader.ts";
import type { RootFilesystem } from "./root-filesystem.ts";
import { walkLayers } from "./walk-layers.ts";
import { directory, file, hardlink, source, symlink } from "./walked-layers.testing.ts";

// A second file system that shares nothing with the first: every layer is carried out, whole, on a tree of maps, as a runtime
// unpacks it on a disk. It is as slow and as plain as can be, and what it comes to is what the overlay has to come to.

interface Folder {
  readonly type: "directory";
  readonly children: Map<string, Node>;
}
type Node =
  | Folder
  | { readonly type: "file"; readonly content: string }
  | { readonly type: "symlink"; readonly to: string };

/** A node, and the folders that lead to it, the root first. */
interface Found {
  readonly node: Node;
  readonly names: readonly string[];
}

const folder = (): Folder => ({ type: "directory", children: new Map() });

const split = (path: string): string[] => path.split("/").filter((name) => name !== "");

function childOf(parent: Found | undefined, { name, make }: { name: string; make: boolean }): Found | undefined {
  if (parent?.node.type !== "directory") return undefined;
  const { children } = parent.node;
  const there = children.get(name);
  if (make && (there === undefined || there.type === "file")) children.set(name, folder());
  const node = children.get(name);
  return node === undefined ? undefined : { node, names: [...parent.names, name] };
}

class Disk {
  readonly root: Folder = folder();
  readonly problems: string[] = [];

  apply(layer: readonly LayerEntry[]): void {
    // Whiteouts are for what older layers left, wherever they stand in their own.
    for (const { path } of layer.filter(isWhiteout)) {
      const at = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
      const parent = this.find(at)?.node;
      const name = path.slice(path.lastIndexOf("/") + 1);
      if (parent?.type !== "directory") continue;
      if (name === ".wh..wh..opq") parent.children.clear();
      else parent.children.delete(name.slice(".wh.".length));
    }
    for (const entry of layer.filter((one) => !isWhiteout(one))) this.#put(entry);
  }

  #put(entry: LayerEntry): void {
    const names = entry.path.split("/");
    const name = names.pop() ?? "";
    const place = this.find(names.join("/"), { make: true });
    if (place?.node.type !== "directory") return void this.problems.push("LINK_LOOP");
    const { children } = place.node;
    const { type, content, linkTarget = "" } = entry;
    if (type === "hardlink") this.#link(children, { path: [...place.names, name].join("/"), name, linkTarget });
    else if (type === "symlink") children.set(name, { type, to: linkTarget });
    else if (type !== "directory") children.set(name, { type: "file", content: String(content) });
    else if (children.get(name)?.type !== "directory") children.set(name, folder());
  }

  #link(children: Map<string, Node>, link: { path: string; name: string; linkTarget: string }): void {
    const named = this.find(link.linkTarget, { followLast: false });
    const isWrong = named === undefined || named.node.type === "directory" || named.names.join("/") === link.path;
    if (isWrong) this.problems.push("HARDLINK_BROKEN");
    else children.set(link.name, named.node);
  }

  find(path: string, { followLast = true, make = false } = {}): Found | undefined {
    const todo = split(path);
    let trail: Found[] = [{ node: this.root, names: [] }];
    for (let links = 0; todo.length > 0;) {
      const name = todo.shift() ?? "";
      if (name === "..") {
        trail = trail.slice(0, Math.max(1, trail.length - 1));
        continue;
      }
      const child = childOf(trail.at(-1), { name, make });
      if (child?.node.type !== "symlink" || (!followLast && todo.length === 0)) {
        if (child === undefined) return undefined;
        trail.push(child);
        continue;
      }
      links += 1;
      if (links > 40) return undefined;
      if (child.node.to.startsWith("/")) trail = trail.slice(0, 1);
      todo.unshift(...split(child.node.to));
    }
    return trail.at(-1);
  }

  files(at: Folder = this.root, prefix = ""): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [name, node] of at.children) {
      if (node.type === "file") found[prefix + name] = node.content;
      if (node.type === "directory") Object.assign(found, this.files(node, `${prefix}${name}/`));
    }
    return found;
  }
}

const isWhiteout = ({ path }: LayerEntry): boolean => /(?:^|\/)\.wh\.[^/]+$/.test(path);

/** Two names, three deep: few enough that nearly everything meets something. */
const names = ["a", "b"];
const inside = (path: string): readonly string[] => names.map((name) => `${path}/${name}`);
const two = names.flatMap(inside);
const universe = [...names, ...two, ...two.flatMap(inside)];

function randomStack(seed: number): readonly (readonly LayerEntry[])[] {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const path = (): string => universe[below(universe.length)] ?? "a";
  const target = (): string => ["", "/", "../", "../../"][below(4)] + path();
  let made = 0;
  const entry = (): LayerEntry => {
    const kind = below(16);
    if (kind < 5) return file(path(), `content ${(made += 1)}`);
    if (kind < 7) return directory(path());
    if (kind < 10) return symlink(path(), target());
    if (kind < 12) return hardlink(path(), path());
    if (kind < 15) return whiteout(path());
    return opaqueWhiteout(path());
  };
  return Array.from({ length: 1 + below(5) }, () => Array.from({ length: 1 + below(9) }, entry));
}

const contents: FileReader<string> = {
  id: "contents",
  version: 1,
  wants: () => true,
  read: (captured) => captured.text(),
};

/** All that can be asked of a path. */
function told(files: RootFilesystem, path: string): unknown {
  const status = files.lstat(path);
  return [status?.type, status?.linkTarget, files.resolve(path), files.stat(path)?.type, files.stat(path)?.size];
}

function wanted(disk: Disk, path: string): unknown {
  const own = disk.find(path, { followLast: false })?.node;
  const found = disk.find(path);
  const size = found?.node.type === "file" ? found.node.content.length : found === undefined ? undefined : 0;
  const to = own?.type === "symlink" ? own.to : undefined;
  return [own?.type, to, found?.names.join("/"), found?.node.type, size];
}

describe("whatever layers there are, one over the other", () => {
  test.each(Array.from({ length: 10 }, (_, index) => index * 100))(
    "they come to what carrying them out one after the other comes to (SBOM-1; seeds from %i)",
    async (first) => {
      for (let seed = first; seed < first + 100; seed += 1) {
        const stack = randomStack(seed);
        const disk = new Disk();
        for (const layer of stack) disk.apply(layer);
        const layers = stack.map((entries) => source(buildLayer(entries, { compression: "none" })));
        const files = await walkLayers(layers, [contents]);
        const about = `seed ${seed}: ${JSON.stringify(stack)}`;
        expect(Object.fromEntries(files.facts("contents")), about).toEqual(disk.files());
        for (const path of universe) expect(told(files, path), `${path} in ${about}`).toEqual(wanted(disk, path));
        expect(files.problems.map(({ code }) => code).toSorted(), about).toEqual(disk.problems.toSorted());
      }
    },
  );

  test("the stacks hold what the rules are about, and enough of it", () => {
    const kinds = new Map<string, number>();
    for (let seed = 0; seed < 1000; seed += 1) {
      const disk = new Disk();
      for (const layer of randomStack(seed)) disk.apply(layer);
      for (const problem of disk.problems) kinds.set(problem, (kinds.get(problem) ?? 0) + 1);
      for (const path of universe) {
        const own = disk.find(path, { followLast: false });
        if (own?.node.type === "symlink" && disk.find(path) !== undefined)
          kinds.set("led", (kinds.get("led") ?? 0) + 1);
        if (own !== undefined && own.names.join("/") !== path) kinds.set("moved", (kinds.get("moved") ?? 0) + 1);
      }
    }
    for (const kind of ["HARDLINK_BROKEN", "led", "moved"]) expect(kinds.get(kind), kind).toBeGreaterThan(100);
    expect(kinds.get("LINK_LOOP")).toBeGreaterThan(20);
  });
});
