import { type LayerEntry, whiteout } from "@sc/testing";
import { ndbDatabase, rpmHeader } from "./rpm-database.ts";

function file(path: string, content: string | Uint8Array): LayerEntry {
  return { path, content };
}

/** A package as a database records it. */
export type Recorded = readonly [name: string, version: string, files: readonly string[]];

/** A database of one kind: how packages are recorded, each with the files it has. */
export interface SystemKind {
  readonly type: string;
  readonly id: string;
  /** The one file, or the folder, that is the database. */
  readonly database: string;
  readonly record: (packages: readonly Recorded[]) => LayerEntry[];
  /** What else goes when a package is removed or gets another version. */
  readonly forget: (one: Recorded, removed: boolean) => LayerEntry[];
}

/** dpkg, apk, rpm and pacman. */
export const systemKinds: readonly SystemKind[] = [
  {
    type: "deb",
    id: "debian",
    database: "var/lib/dpkg",
    forget: ([name], removed) => (removed ? [whiteout(`var/lib/dpkg/info/${name}.list`)] : []),
    record: (packages) => [
      file(
        "var/lib/dpkg/status",
        packages
          .map(([name, version]) => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\n`)
          .join("\n"),
      ),
      ...packages.map(([name, , files]) =>
        file(`var/lib/dpkg/info/${name}.list`, `/.\n${files.map((path) => `/${path}\n`).join("")}`),
      ),
    ],
  },
  {
    type: "apk",
    id: "alpine",
    database: "lib/apk/db",
    forget: () => [],
    record: (packages) => [
      file(
        "lib/apk/db/installed",
        packages
          .map(([name, version, files]) => `P:${name}\nV:${version}\n${files.map((path) => inApk(path)).join("")}`)
          .join("\n"),
      ),
    ],
  },
  {
    type: "rpm",
    id: "fedora",
    database: "usr/lib/sysimage/rpm",
    forget: () => [],
    record: (packages) => [
      file(
        "usr/lib/sysimage/rpm/Packages.db",
        ndbDatabase(
          packages.map(([name, whole, files]) => {
            const [version = "", release = ""] = whole.split("-", 2);
            const paths = files.map((path) => `/${path}`);
            return rpmHeader({ name, version, release, vendor: "Fedora Project", files: paths });
          }),
        ),
      ),
    ],
  },
  {
    type: "alpm",
    id: "arch",
    database: "var/lib/pacman/local",
    forget: ([name, version]) => [whiteout(`var/lib/pacman/local/${name}-${version}`)],
    record: (packages) =>
      packages.flatMap(([name, version, files]) => [
        file(`var/lib/pacman/local/${name}-${version}/desc`, `%NAME%\n${name}\n\n%VERSION%\n${version}\n`),
        file(`var/lib/pacman/local/${name}-${version}/files`, `%FILES%\n${files.join("\n")}\n`),
      ]),
  },
];

function inApk(path: string): string {
  const slash = path.lastIndexOf("/");
  return `F:${path.slice(0, slash)}\nR:${path.slice(slash + 1)}\n`;
}
