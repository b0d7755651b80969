import type { Platform } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import type { Package, Relationship } from "./package.ts";
import type { Problem } from "./problem.ts";

/**
 * The distribution that the image's os-release names.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export interface Distribution {
  readonly kind: "distribution";
  /** ID, lower case: debian, alpine, rhel … */
  readonly id: string;
  readonly idLike: readonly string[];
  readonly versionId?: string;
  readonly versionCodename?: string;
  readonly prettyName?: string;
  /** Further fields of the file, unchanged, by their names. */
  readonly fields: Readonly<Record<string, string>>;
  /** The file it was read from. */
  readonly path: string;
}

/** A layer of the image that was read, oldest first in the inventory. */
export interface LayerInfo {
  /** The digest of the descriptor: of the bytes as they are stored. Verified. */
  readonly digest: Digest;
  /** What the image's configuration claims for the uncompressed bytes. */
  readonly diffId?: Digest;
  readonly mediaType: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The history entry's command, as the image's configuration has it. */
  readonly createdBy?: string;
}

/** What an inventory is about. */
export interface InventorySubject {
  readonly type: "image" | "directory" | "rootfs-tar" | "document";
  /** As the user named it, without credentials. */
  readonly name: string;
  /** The digest of the manifest that was read; for an image always present. */
  readonly digest?: Digest;
  /** The digest of the index it was chosen from, where there was one. */
  readonly indexDigest?: Digest;
  /** registry/repository, without tag and digest, where it has one. */
  readonly repository?: string;
  readonly tag?: string;
  readonly platform?: Platform;
  /** When the image says it was created, RFC 3339. */
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What is in an image: the one value that documents, matching and policy are made from. Plain data, serialisable. */
export interface Inventory {
  readonly subject: InventorySubject;
  readonly distribution?: Distribution;
  readonly layers: readonly LayerInfo[];
  /** Sorted by type, name, version and first location. */
  readonly packages: readonly Package[];
  /** Sorted by from, type and to. */
  readonly relationships: readonly Relationship[];
  readonly problems: readonly Problem[];
  /** Whether something may be missing because a limit was hit or a database could not be read. */
  readonly incomplete: boolean;
  /** The catalogers that looked, by id. */
  readonly catalogers: readonly string[];
}
