/** The production dependencies of the command line as they lie on this machine, laid out as an application has them. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/** A package of the application: where its files are and where they belong. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** On this machine. */
  readonly folder: string;
  /** In the application, without leading slash: `node_modules/undici`. */
  readonly place: string;
}

/** More than any command line's own dependencies; a cycle would show here. */
const maxPackages = 2000;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** Every package that `folder` needs to run: hoisted to the top, and below its user where two versions are needed. */
export function installedPackages(folder: string): readonly InstalledPackage[] {
  const placed = new Map<string, InstalledPackage>();
  const waiting = [{ folder: realpathSync(folder), place: "" }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    for (const name of neededBy(readManifest(next.folder), next.place === "")) {
      const found = resolveDependency(next.folder, name);
      const visible = visibleFrom(next.place, name, placed);
      if (visible?.folder === found) continue;
      const place = visible === undefined ? `node_modules/${name}` : join(next.place, "node_modules", name);
      const { version } = readManifest(found);
      placed.set(place, { name, version, folder: found, place });
      if (placed.size > maxPackages) throw new Error(`${folder}: more than ${maxPackages} packages`);
      waiting.push({ folder: found, place });
    }
  }
  return [...placed.values()].toSorted((left, right) => (left.place < right.place ? -1 : 1));
}

// The command line is published as a bundle and names what it is made of as needed to make it; here it runs from source.
function neededBy({ dependencies = {}, devDependencies = {} }: Manifest, isApplication: boolean): readonly string[] {
  const own = isApplication ? Object.keys(devDependencies).filter((name) => !name.startsWith("@types/")) : [];
  return [...own, ...Object.keys(dependencies)];
}

/** What a package at `place` gets when it asks for `name`: the nearest above it, as Node.js looks. */
function visibleFrom(
  place: string,
  name: string,
  placed: ReadonlyMap<string, InstalledPackage>,
): InstalledPackage | undefined {
  for (let above = place; ; above = above.slice(0, Math.max(above.lastIndexOf("node_modules/") - 1, 0))) {
    const found = placed.get(join(above, "node_modules", name));
    if (found !== undefined || above === "") return found;
  }
}

// pnpm links what a package may use into the node_modules beside it, or into its own.
function resolveDependency(folder: string, name: string): string {
  for (let above = folder; ; above = join(above, "..")) {
    try {
      return realpathSync(join(above, "node_modules", name));
    } catch (error) {
      if (above === join(above, "..")) throw error;
    }
  }
}

/** The files of a package by path relative to it, without the packages below it and what is not published. */
export function packageFiles(folder: string, below = ""): readonly string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(below, entry.name);
      // Links are left alone: those of pnpm lead to other packages, and in circles.
      if (entry.isDirectory()) return unpublished.test(`${path}/`) ? [] : packageFiles(folder, path);
      return entry.isFile() && !unpublished.test(path) ? [path] : [];
    });
}

const unpublished = /(?:^|\/)(?:node_modules|dist\/bundle)\/$|\.test\.ts$/;
