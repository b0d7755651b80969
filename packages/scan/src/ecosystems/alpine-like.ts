import type { Ecosystem, NamedDistribution, ReleaseChoice } from "./ecosystem.ts";
import { byPackageOrSource, bySource, unchanged } from "./names.ts";

const rolling = (): ReleaseChoice => ({ release: "" });

/** Distributions of apk packages. */
export const alpineLike: readonly Ecosystem[] = [
  row({ name: "Alpaquita", ids: ["alpaquita"], choose: chooseBellSoft, compared: bySource }),
  row({ name: "Alpine", ids: ["alpine"], choose: chooseAlpine, compared: bySource }),
  row({
    name: "BellSoft Hardened Containers",
    ids: ["bellsoft-hardened-containers"],
    choose: chooseBellSoft,
    compared: bySource,
  }),
  row({ name: "Chainguard", ids: ["chainguard"], choose: rolling, compared: byPackageOrSource }),
  row({ name: "CleanStart", ids: ["cleanstart", "clnstrt"], choose: rolling, compared: byPackageOrSource }),
  row({ name: "MinimOS", ids: ["minimos"], choose: rolling, compared: byPackageOrSource }),
  row({ name: "Wolfi", ids: ["wolfi"], choose: rolling, compared: byPackageOrSource }),
];

interface Row extends Pick<Ecosystem, "name" | "compared"> {
  readonly ids: readonly string[];
  readonly choose: (distribution: NamedDistribution) => ReleaseChoice | undefined;
}

function row({ name, ids, choose, compared }: Row): Ecosystem {
  return {
    name,
    scheme: "apk",
    type: "apk",
    normalizeName: unchanged,
    compared,
    distribution: { ids, choose },
    tells: "fixed-only",
  };
}

function chooseAlpine({ versionId }: NamedDistribution): ReleaseChoice | undefined {
  // Edge calls itself the coming release, with a suffix: 3.21.0_alpha20240807.
  if (versionId?.includes("_") === true) return { newest: true };
  const release = /^(\d+\.\d+)(?:\.\d+)*$/.exec(versionId ?? "")?.[1];
  return release === undefined ? undefined : { release: `v${release}` };
}

function chooseBellSoft({ versionId }: NamedDistribution): ReleaseChoice | undefined {
  const release = /^(?:\d+|stream)/.exec(versionId ?? "")?.[0];
  return release === undefined ? undefined : { release };
}
