import { joinEcosystem } from "../ecosystem.ts";
import type { FalseMatch } from "../false-match.ts";
import { isNamedFor, type Owner } from "../surroundings.ts";

/**
 * Packages of languages that are files of a package of the distribution. Distributions mend such a copy without raising
 * its version, and only their own advisories tell of that. They speak for it where they tell also of what is not mended,
 * so that their silence means something, and else where they name the vulnerability for the owning package.
 */
export const distributionOwned: FalseMatch = {
  id: "distribution-owned",
  title: "language packages that a package of the distribution owns",
  isUnaffected: false,
  explain({ finding, found, ecosystem }, surroundings): string | undefined {
    if (ecosystem.distribution !== undefined) return undefined;
    const owners = surroundings.ownersOf(found);
    const ids = new Set([finding.id, ...finding.aliases]);
    // What has no CVE no distribution would name, so that silence about it says nothing.
    const isNameable = [...ids].some((id) => id.startsWith("CVE-"));
    const speaking = owners.filter(({ located }) => isNameable && located.ecosystem.tells === "unfixed-too");
    const naming = owners.filter((owner) => isNamedFor(owner, ids));
    const [owner] = naming.length > 0 ? naming : speaking;
    return owner === undefined ? undefined : describe(owner, naming.length > 0);
  },
};

function describe({ found, located }: Owner, isNamed: boolean): string {
  const advisories = joinEcosystem(located.ecosystem.name, located.release);
  const tell = isNamed ? "tell of this vulnerability in that package" : "speak for it, and name no such vulnerability";
  return `it is part of ${found.name} ${found.version}: the advisories of ${advisories} ${tell}`;
}
