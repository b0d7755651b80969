import type { Distribution, Package } from "@sc/model";
import { compareNaturally } from "./decimal.ts";
import type { VersionScheme } from "./version-scheme.ts";
import { versionSchemes } from "./versions/index.ts";

/** What is compared of a package: the name and version that the ecosystem's advisories speak of. */
export interface ComparedPackage {
  readonly name: string;
  readonly version: string;
}

/** Where in an ecosystem a distribution's advisories are: in that release, or in the newest there is. */
export type ReleaseChoice = { readonly release: string } | { readonly newest: true };

/** One family of advisories: how it names packages, releases and versions. A row of `ecosystems`. */
export interface Ecosystem {
  /** As OSV writes it, without release. */
  readonly name: string;
  /** The version scheme of its `ECOSYSTEM` ranges. */
  readonly scheme: string;
  /** The purl type of its packages. */
  readonly type: string;
  /** The form in which names are compared. */
  normalizeName(name: string): string;
  /** What of a package the advisories speak of. */
  compared(found: Package): ComparedPackage;
  /** For operating systems: the `ID`s of its os-release, and which release's advisories are a distribution's. */
  readonly distribution?: {
    readonly ids: readonly string[];
    choose(distribution: Pick<Distribution, "versionId" | "versionCodename">): ReleaseChoice | undefined;
  };
}

// Debian names its releases in /etc/os-release only by codename until they are released.
const debianCodenames: Readonly<Record<string, string>> = {
  jessie: "8",
  stretch: "9",
  buster: "10",
  bullseye: "11",
  bookworm: "12",
  trixie: "13",
  forky: "14",
  duke: "15",
};

/**
 * Every ecosystem whose advisories can be matched.
 *
 * @see https://ossf.github.io/osv-schema/#defined-ecosystems
 */
export const ecosystems: readonly Ecosystem[] = [
  {
    name: "Alpine",
    scheme: "apk",
    type: "apk",
    normalizeName: unchanged,
    compared: comparedBySource,
    distribution: {
      ids: ["alpine"],
      choose({ versionId }): ReleaseChoice | undefined {
        // Edge calls itself the coming release, with a suffix: 3.21.0_alpha20240807.
        if (versionId?.includes("_") === true) return { newest: true };
        const release = /^(\d+\.\d+)(?:\.\d+)*$/.exec(versionId ?? "")?.[1];
        return release === undefined ? undefined : { release: `v${release}` };
      },
    },
  },
  {
    name: "Debian",
    scheme: "dpkg",
    type: "deb",
    normalizeName: unchanged,
    compared: comparedBySource,
    distribution: {
      ids: ["debian"],
      choose({ versionId, versionCodename }): ReleaseChoice | undefined {
        const number = /^(\d+)(?:\.\d+)*$/.exec(versionId ?? "")?.[1] ?? codenamed(versionCodename ?? versionId);
        if (number !== undefined) return { release: number };
        return versionCodename === "sid" || versionId === "sid" || versionId === "unstable"
          ? { newest: true }
          : undefined;
      },
    },
  },
  { name: "PyPI", scheme: "pep440", type: "pypi", normalizeName: normalizePython, compared: comparedAsNamed },
  { name: "npm", scheme: "semver", type: "npm", normalizeName: unchanged, compared: comparedAsNamed },
];

/** The version scheme of an ecosystem's own ranges. */
export function schemeOf({ name, scheme: id }: Pick<Ecosystem, "name" | "scheme">): VersionScheme<unknown> {
  const scheme = versionSchemes.find((known) => known.id === id);
  if (scheme === undefined) throw new TypeError(`the ecosystem ${name} has no version scheme`);
  return scheme;
}

/** The version scheme of the ecosystem of this name, which must be in the list. */
export function schemeCalled(name: string): VersionScheme<unknown> {
  const ecosystem = ecosystems.find((known) => known.name === name);
  if (ecosystem === undefined) throw new TypeError(`${name} is no ecosystem of the list`);
  return schemeOf(ecosystem);
}

/** How advisories of the given ecosystem and release are called together: `Debian:12`, `npm`. */
export function joinEcosystem(ecosystem: string, release: string): string {
  return release === "" ? ecosystem : `${ecosystem}:${release}`;
}

/** The ecosystem and release that a record's `ecosystem` names; the ecosystem is absent when it is not in the list. */
export function splitEcosystem(text: string): { readonly ecosystem: Ecosystem | undefined; readonly release: string } {
  const colon = text.indexOf(":");
  const name = colon === -1 ? text : text.slice(0, colon);
  return {
    ecosystem: ecosystems.find((known) => known.name === name),
    release: colon === -1 ? "" : text.slice(colon + 1),
  };
}

/** The newest of the given releases, by the numbers in their names. */
export function newestRelease(releases: readonly string[]): string | undefined {
  return releases.toSorted(compareNaturally).at(-1);
}

function codenamed(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(debianCodenames, name) ? debianCodenames[name] : undefined;
}

function unchanged(name: string): string {
  return name;
}

// PEP 503.
function normalizePython(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

function comparedAsNamed({ name, version }: Package): ComparedPackage {
  return { name, version };
}

// Advisories of these distributions name source packages, in whose versions they also speak.
function comparedBySource({ name, version, source }: Package): ComparedPackage {
  return { name: source?.name ?? name, version: source?.version ?? version };
}
