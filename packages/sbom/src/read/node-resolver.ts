import type { CatalogContext } from "../cataloger.ts";
import type { NpmManifest } from "./npm-manifest.ts";

/** Directories looked through for one dependency: the deepest tree seen is 14 deep. */
const maxLevels = 64;
/** Places looked up for one image: each is remembered, so this bounds memory as well. */
const maxLookups = 2_000_000;

/**
 * Finds which installed copy a package's dependencies lead to, as Node.js looks for them.
 *
 * @see https://nodejs.org/api/modules.html#loading-from-node_modules-folders
 */
export class NodeResolver {
  readonly #manifests: ReadonlyMap<string, NpmManifest>;
  readonly #context: CatalogContext;
  readonly #lookedUp = new Map<string, string | undefined>();
  /** Directories that were looked at, and whether they have a `node_modules`: most of those above a package have none. */
  readonly #holding = new Map<string, boolean>();
  readonly #edges = new Map<string, readonly string[]>();
  #lookups = 0;

  constructor(manifests: ReadonlyMap<string, NpmManifest>, context: CatalogContext) {
    this.#manifests = manifests;
    this.#context = context;
  }

  /** Whether edges are missing because there was too much to look up. */
  get exhausted(): boolean {
    return this.#lookups >= maxLookups;
  }

  /** The manifests of the packages that the package of this manifest requires, each once, sorted. */
  dependencies(path: string): readonly string[] {
    const known = this.#edges.get(path);
    if (known !== undefined) return known;
    const directory = path.slice(0, -"/package.json".length);
    const found = new Set<string>();
    for (const name of this.#manifests.get(path)?.requires ?? []) {
      const target = this.#find(name, directory);
      if (target !== undefined && target !== path) found.add(target);
    }
    const edges = [...found].toSorted();
    this.#edges.set(path, edges);
    return edges;
  }

  #find(name: string, from: string): string | undefined {
    let directory = from;
    for (let level = 0; level < maxLevels && !this.exhausted; level += 1) {
      if (!directory.endsWith("/node_modules") && directory !== "node_modules") {
        const modules = `${directory === "" ? "" : `${directory}/`}node_modules`;
        const target = this.#lookUp(modules, name);
        if (target !== undefined) return target;
      }
      if (directory === "") return undefined;
      directory = directory.slice(0, Math.max(0, directory.lastIndexOf("/")));
    }
    return undefined;
  }

  /** The manifest at a place, where links may lead elsewhere; remembered, since most places are asked for often. */
  #lookUp(modules: string, name: string): string | undefined {
    const place = `${modules}/${name}/package.json`;
    if (this.#manifests.has(place)) return place;
    if (this.#lookedUp.has(place)) return this.#lookedUp.get(place);
    if (!this.#isThere(modules)) return undefined;
    this.#lookups += 1;
    const resolved = this.#context.resolve(place);
    const target = resolved !== undefined && this.#manifests.has(resolved) ? resolved : undefined;
    this.#lookedUp.set(place, target);
    return target;
  }

  #isThere(modules: string): boolean {
    const known = this.#holding.get(modules);
    if (known !== undefined) return known;
    this.#lookups += 1;
    const there = this.#context.resolve(modules) !== undefined;
    this.#holding.set(modules, there);
    return there;
  }

  /** By the manifest of each package that is shipped inside another: the manifest of that other. */
  bundlers(): ReadonlyMap<string, string> {
    const bundlers = new Map<string, string>();
    // The outermost package is the one that was installed: its name is the shortest path.
    const paths = [...this.#manifests.keys()].toSorted((left, right) => left.length - right.length);
    for (const path of paths) if (!bundlers.has(path)) this.#markBundled(path, bundlers);
    return bundlers;
  }

  #markBundled(bundler: string, bundlers: Map<string, string>): void {
    const manifest = this.#manifests.get(bundler);
    const inside = `${bundler.slice(0, -"package.json".length)}node_modules/`;
    const names = manifest?.bundles === true ? manifest.requires : (manifest?.bundles ?? []);
    const queue = names.map((name) => `${inside}${name}/package.json`);
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (!path.startsWith(inside) || !this.#manifests.has(path) || bundlers.has(path)) continue;
      bundlers.set(path, bundler);
      queue.push(...this.dependencies(path));
    }
  }
}
