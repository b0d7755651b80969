import type { Ecosystem, NamedDistribution, ReleaseChoice } from "./ecosystem.ts";
import { byPackage, byPackageOrSource, unchanged } from "./names.ts";

type Choose = (distribution: NamedDistribution) => ReleaseChoice | undefined;

/** Distributions of rpm packages. Their records tell of updates, and so of nothing that has none. */
export const rpmLike: readonly Ecosystem[] = [
  row("AlmaLinux", { ids: ["almalinux"], choose: byMajor, compared: byPackage }),
  row("Azure Linux", { ids: ["azurelinux", "mariner"], choose: byMajor }),
  row("Mageia", { ids: ["mageia"], choose: byMajor }),
  row("Photon OS", { ids: ["photon"], choose: byVersion }),
  row("Red Hat", { ids: ["rhel", "centos"], choose: chooseRedHat }),
  // What the special interest groups build is of other packages that bear the same names.
  row("Rocky Linux", { ids: ["rocky"], choose: byMajor, isOwn: (purl) => !/[?&]distro=[^&]*-sig-/.test(purl) }),
  row("SUSE", {
    ids: ["sles", "sle_hpc", "sles_sap", "sle-micro", "sl-micro"],
    choose: chooseSuse,
    listsBinaries: true,
  }),
  row("openEuler", { ids: ["openeuler"], choose: chooseOpenEuler }),
  row("openSUSE", {
    ids: ["opensuse-leap", "opensuse-tumbleweed", "opensuse-leap-micro"],
    choose: chooseOpenSuse,
    listsBinaries: true,
  }),
];

interface Row extends Partial<Pick<Ecosystem, "compared" | "isOwn" | "listsBinaries">> {
  readonly ids: readonly string[];
  readonly choose: Choose;
}

function row(name: string, { ids, choose, ...rest }: Row): Ecosystem {
  return {
    name,
    scheme: "rpm",
    type: "rpm",
    normalizeName: unchanged,
    compared: byPackageOrSource,
    distribution: { ids, choose },
    relatedAreParts: true,
    tells: "fixed-only",
    ...rest,
  };
}

function byMajor({ versionId }: NamedDistribution): ReleaseChoice | undefined {
  const release = /^\d+/.exec(versionId ?? "")?.[0];
  return release === undefined ? undefined : { release };
}

function byVersion({ versionId }: NamedDistribution): ReleaseChoice | undefined {
  const release = /^\d+(?:\.\d+)?/.exec(versionId ?? "")?.[0];
  return release === undefined ? undefined : { release };
}

// Named by what follows `cpe:/o:redhat:`. Every repository of the major version (`enterprise_linux:9::appstream`), and
// those of the extended support that the minor version may have (`rhel_eus:9.4::baseos`).
function chooseRedHat({ id, versionId }: NamedDistribution): ReleaseChoice | undefined {
  const [version, major] = /^(\d+)(?:\.\d+)?/.exec(versionId ?? "") ?? [];
  if (version === undefined || major === undefined) return undefined;
  // CentOS Stream is built ahead of Red Hat's releases: their advisories do not speak of its versions.
  if (id === "centos" && Number(major) > 8) return undefined;
  const includes = (release: string): boolean => {
    const [product, number] = release.split(":");
    if (product === "enterprise_linux") return number === major;
    return product !== undefined && /^rhel_(?:eus|aus|tus|e4s)$/.test(product) && number === version;
  };
  return { release: major, includes, ...(id === "centos" ? { standsInFor: `centos ${versionId}` } : {}) };
}

// A container has packages of several modules, all of one service pack: `Linux Enterprise Module for Basesystem 15 SP6`.
function chooseSuse({ id, versionId }: NamedDistribution): ReleaseChoice | undefined {
  const [version, major = "", minor = "0"] = /^(\d+)(?:\.(\d+))?/.exec(versionId ?? "") ?? [];
  if (version === undefined) return undefined;
  if (id === "sl-micro") return { release: `Linux Micro ${version}` };
  if (id === "sle-micro") return { release: `Linux Enterprise Micro ${version}` };
  const pack = minor === "0" ? major : `${major} SP${minor}`;
  const name = Number(major) < 16 ? pack : version;
  return {
    release: `Linux Enterprise ${name}`,
    includes: (release) =>
      release.startsWith("Linux Enterprise ") && (release.endsWith(` ${name}`) || release.includes(` ${name}-`)),
  };
}

function chooseOpenSuse({ id, versionId }: NamedDistribution): ReleaseChoice | undefined {
  if (id === "opensuse-tumbleweed") return { release: "Tumbleweed" };
  const version = /^\d+\.\d+/.exec(versionId ?? "")?.[0];
  if (version === undefined) return undefined;
  return { release: id === "opensuse-leap-micro" ? `Leap Micro ${version}` : `Leap ${version}` };
}

// The version leaves out what only the full name says: `openEuler 24.03 (LTS-SP1)`.
function chooseOpenEuler({ versionId, prettyName }: NamedDistribution): ReleaseChoice | undefined {
  const [, version = /^\d\d\.\d\d/.exec(versionId ?? "")?.[0], variant] =
    /(\d\d\.\d\d)(?: ?\(([\w-]{1,20})\))?/.exec(prettyName ?? "") ?? [];
  if (version === undefined) return undefined;
  return { release: variant === undefined ? version : `${version}-${variant}` };
}
