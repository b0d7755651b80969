import type { Package } from "@sc/model";
import type { Coverage, EcosystemCoverage, Uncompared } from "./coverage.ts";
import { compareTexts } from "./decimal.ts";
import { joinEcosystem } from "./ecosystem.ts";
import type { Located, NotLocated } from "./locate.ts";

const maxExamples = 10;

/** Counts what a match compares. */
export class CoverageTally {
  readonly #ecosystems = new Map<string, { packages: number; readonly located: Located }>();
  readonly #gaps = new Map<string, CountedGap>();
  #undecided = 0;

  /** A package that was compared. */
  compared(located: Located): void {
    const name = joinEcosystem(located.ecosystem.name, located.release);
    const key = `${name}\0${located.standsInFor ?? ""}`;
    const counted = this.#ecosystems.get(key);
    if (counted === undefined) this.#ecosystems.set(key, { packages: 1, located });
    else counted.packages += 1;
  }

  /** A package that was not. */
  uncompared(found: Package, { reason, ecosystem, release = "" }: NotLocated): void {
    const name = ecosystem === undefined ? undefined : joinEcosystem(ecosystem.name, release);
    const key = `${found.type}\0${reason}\0${name ?? ""}`;
    const gap = { reason, type: found.type, ...(name === undefined ? {} : { ecosystem: name }) };
    const counted = this.#gaps.get(key) ?? { gap, ids: [] };
    counted.ids.push(found.id);
    this.#gaps.set(key, counted);
  }

  /** Advisories of a package that were compared but could not be evaluated. */
  undecided(advisories: number): void {
    this.#undecided += advisories;
  }

  /** What was counted. */
  finish(): Coverage {
    const ecosystems = [...this.#ecosystems].toSorted(([left], [right]) => compareTexts(left, right));
    const gaps = [...this.#gaps].toSorted(([left], [right]) => compareTexts(left, right));
    return {
      compared: ecosystems.reduce((sum, [, { packages }]) => sum + packages, 0),
      uncompared: gaps.reduce((sum, [, { ids }]) => sum + ids.length, 0),
      ecosystems: ecosystems.map(([, { packages, located }]) => describeEcosystem(packages, located)),
      gaps: gaps.map(([, counted]) => describeGap(counted)),
      undecided: this.#undecided,
    };
  }
}

interface CountedGap {
  readonly gap: Omit<Uncompared, "packages" | "examples">;
  readonly ids: string[];
}

function describeGap({ gap, ids }: CountedGap): Uncompared {
  return { ...gap, packages: ids.length, examples: ids.slice(0, maxExamples) };
}

function describeEcosystem(packages: number, { ecosystem, release, shard, standsInFor }: Located): EcosystemCoverage {
  const { advisories, malicious, newest } = shard.facts;
  return {
    ecosystem: joinEcosystem(ecosystem.name, release),
    packages,
    advisories: advisories + malicious,
    tells: ecosystem.tells,
    ...(newest === undefined ? {} : { newest }),
    ...(standsInFor === undefined ? {} : { standsInFor }),
  };
}
