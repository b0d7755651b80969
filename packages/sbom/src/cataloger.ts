import type { Distribution, Package, Problem } from "@sc/model";
import type { FileReader } from "@sc/rootfs";

/** A package as its cataloger knows it; the engine adds id, cataloger, evidence kind and layer of each location. */
export interface FoundPackage extends Omit<Package, "id" | "cataloger" | "evidence" | "locations"> {
  /** The files that show it, the evidence itself first. Every one is a key of the map the cataloger was given. */
  readonly paths: readonly string[];
  /**
   * What it depends on, by the names its ecosystem resolves: names of packages of the same cataloger, or what they
   * provide. A name that nothing in the image answers to makes no edge.
   */
  readonly dependsOn?: readonly string[];
  /** What it depends on, by the evidence of the other package, where the ecosystem resolves to a place. */
  readonly dependsOnPaths?: readonly string[];
  /** Files that list what is inside of it: every package that one of them shows, of whatever cataloger, is a dependency. */
  readonly lists?: readonly string[];
  /** What it answers to besides its name. */
  readonly provides?: readonly string[];
  /** A folder that is all its own, with a slash at its end: a program of its version in there is this package. */
  readonly folder?: string;
  /** Its version as programs in its folder may write it besides: with the build, say. */
  readonly folderVersions?: readonly string[];
}

/** What a cataloger may know of the rest of the image when it joins its facts. */
export interface CatalogContext {
  /** The distribution, where the image names one. */
  readonly distribution: Distribution | undefined;
  /** The path that `path` leads to in the final image, symbolic links followed; `undefined` when nothing is there. */
  resolve(path: string): string | undefined;
}

/** What a cataloger makes of its facts. */
export type CatalogResult = FoundPackage | Distribution | Problem;

/**
 * One ecosystem's evidence: which files to read, what they say, and what packages that makes.
 *
 * To add one: `catalogers/<id>.ts`, one line in `catalogers/index.ts`, one folder in `vectors/catalogers/<id>`.
 */
export interface Cataloger<Facts> extends FileReader<Facts> {
  readonly evidence: "installed" | "declared";
  /**
   * Set where what it finds is left out when another cataloger has it: in a file of one of the distribution's
   * own packages, in the folder of a package of the same version, or by the same type, name and version.
   */
  readonly yieldsToOwner?: true;
  /** Set where several files show one package: what it finds twice is one, with both files as its places. */
  readonly joinsCopies?: true;
  /**
   * Set where it reads the record that an operating system keeps of its packages: what disappears from it in a later
   * layer while the package's files stay is a problem.
   */
  readonly database?: true;
  /** What the facts that survived the overlay make, by the path each was read at. Pure, called once. */
  catalog(found: ReadonlyMap<string, Facts>, context: CatalogContext): Iterable<CatalogResult>;
}
