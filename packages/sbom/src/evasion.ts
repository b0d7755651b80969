import type { Distribution, Package, Problem } from "@sc/model";

/** What the packages of well-known distributions are, by ID of os-release. */
const packageTypes: ReadonlyMap<string, string> = new Map([
  ...["alpine", "wolfi", "chainguard", "postmarketos", "alpaquita", "minimos"].map((id) => [id, "apk"] as const),
  ...["debian", "ubuntu", "raspbian", "kali", "linuxmint", "devuan", "pop"].map((id) => [id, "deb"] as const),
  ...["rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn", "photon", "azurelinux", "mariner"].map(
    (id) => [id, "rpm"] as const,
  ),
  ...["sles", "sled", "opensuse-leap", "opensuse-tumbleweed", "openeuler", "mageia"].map((id) => [id, "rpm"] as const),
  ...["arch", "archarm", "manjaro"].map((id) => [id, "alpm"] as const),
]);

/**
 * Signs that what the image says of itself has been tampered with, or cannot be taken at its word: a distribution whose
 * package database is gone, and packages of another distribution than the one that is named. Either way advisories
 * would be looked up for the wrong packages, or for none, so the inventory counts as incomplete.
 */
export function* evasionProblems(
  distribution: Distribution | undefined,
  packages: readonly Package[],
): Generator<Problem> {
  if (distribution === undefined) return;
  const wanted = packageTypes.get(distribution.id);
  if (wanted === undefined) return;
  const types = new Set(packages.filter((one) => one.origin !== undefined).map((one) => one.type));
  const path = distribution.path;
  const name = JSON.stringify(distribution.id);
  const others = types.has(wanted) ? foreignTypes(packages, { path, wanted }) : [...types].toSorted();
  if (others.length > 0) {
    const also = types.has(wanted) ? "also has" : "has";
    const message = `${path}: the image is ${name}, whose packages are ${wanted}, but ${also} packages of type ${others.join(", ")}`;
    yield { kind: "problem", code: "DISTRIBUTION_CONFLICT", message, path, incomplete: true };
  } else if (!types.has(wanted)) {
    const message = `${path}: the image is ${name} and has no database of its ${wanted} packages; they are not listed`;
    yield { kind: "problem", code: "PACKAGE_DATABASE_MISSING", message, path, incomplete: true };
  }
}

/** Where the packages of one installation are recorded, below its root. */
const databasePlaces =
  /^(?:usr\/)?lib\/apk\/|^var\/lib\/(?:dpkg|rpm|rpmmanifest|pacman)\/|^usr\/(?:lib\/sysimage|share)\/rpm\//;

/**
 * The types of the packages that another distribution's tools have recorded beside the image's own: whatever they are,
 * advisories of the distribution that the image names do not speak of them. Roots within the image are another matter.
 */
function foreignTypes(
  packages: readonly Package[],
  { path, wanted }: { readonly path: string; readonly wanted: string },
): string[] {
  const root = path.replace(/(?:etc|usr\/lib)\/[^/]*$/, "");
  const foreign = packages.filter(({ origin, type, locations }) => {
    const place = locations[0]?.path;
    if (origin === undefined || type === wanted || place?.startsWith(root) !== true) return false;
    return databasePlaces.test(place.slice(root.length));
  });
  return [...new Set(foreign.map(({ type }) => type))].toSorted();
}
