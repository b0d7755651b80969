import type { Ecosystem, NamedDistribution, ReleaseChoice } from "./ecosystem.ts";
import { bySource, unchanged } from "./names.ts";

/** The numbers of Debian's releases by their names: /etc/os-release has only the name until a release is out. */
export const debianCodenames: ReadonlyMap<string | undefined, string> = new Map([
  ["wheezy", "7"],
  ["jessie", "8"],
  ["stretch", "9"],
  ["buster", "10"],
  ["bullseye", "11"],
  ["bookworm", "12"],
  ["trixie", "13"],
  ["forky", "14"],
  ["duke", "15"],
]);

/** Distributions of dpkg packages. */
export const debianLike: readonly Ecosystem[] = [
  row({ name: "Debian", ids: ["debian"], choose: chooseDebian }),
  row({ name: "Echo", ids: ["echo"], choose: () => ({ release: "" }) }),
  { ...row({ name: "Ubuntu", ids: ["ubuntu"], choose: chooseUbuntu }), listsBinaries: true },
];

interface Row {
  readonly name: string;
  readonly ids: readonly string[];
  readonly choose: (distribution: NamedDistribution) => ReleaseChoice | undefined;
}

function row({ name, ids, choose }: Row): Ecosystem {
  return {
    name,
    scheme: "dpkg",
    type: "deb",
    normalizeName: unchanged,
    compared: bySource,
    distribution: { ids, choose },
    tells: "unfixed-too",
  };
}

function chooseDebian({ versionId, versionCodename }: NamedDistribution): ReleaseChoice | undefined {
  const number = /^(\d+)(?:\.\d+)*$/.exec(versionId ?? "")?.[1] ?? debianCodenames.get(versionCodename ?? versionId);
  if (number !== undefined) return { release: number };
  return versionCodename === "sid" || versionId === "sid" || versionId === "unstable" ? { newest: true } : undefined;
}

// A release with long support is called `22.04:LTS`; what only subscribers are given lies in `Pro:22.04:LTS`, with
// versions that say so (`+esm`). The other branches of Pro, FIPS and real time, are other packages.
function chooseUbuntu({ versionId }: NamedDistribution): ReleaseChoice | undefined {
  const release = /^\d\d\.\d\d/.exec(versionId ?? "")?.[0];
  if (release === undefined) return undefined;
  const names = new Set([release, `${release}:LTS`, `Pro:${release}`, `Pro:${release}:LTS`]);
  return { release, includes: (one) => names.has(one) };
}
