/** What the distributions write as vendor of their own packages, by ID of os-release. */
const distributionVendors: ReadonlyMap<string, readonly string[]> = new Map([
  ["rhel", ["Red Hat"]],
  ["centos", ["CentOS", "Red Hat"]],
  ["fedora", ["Fedora Project"]],
  ["almalinux", ["AlmaLinux", "CloudLinux"]],
  ["rocky", ["Rocky"]],
  ["ol", ["Oracle America"]],
  ["amzn", ["Amazon"]],
  ["sles", ["SUSE"]],
  ["sled", ["SUSE"]],
  ["opensuse-leap", ["openSUSE", "SUSE"]],
  ["opensuse-tumbleweed", ["openSUSE", "SUSE"]],
  ["azurelinux", ["Microsoft Corporation"]],
  ["mariner", ["Microsoft Corporation"]],
  ["photon", ["VMware", "Broadcom"]],
]);

const allVendors = new Set([...distributionVendors.values()].flat());

/**
 * Whether an rpm package is the distribution's own, by its vendor: what Microsoft publishes for Red Hat's distribution,
 * or Fedora's EPEL, is not. Where the distribution is not known, any distribution's vendor will do; where its vendor is
 * not known, every package counts as its own.
 */
export function isDistributionRpm(
  { vendor = "", release }: { readonly vendor?: string | undefined; readonly release: string },
  distributionId: string | undefined,
): boolean {
  // Amazon's distribution left the vendor out of some of its packages.
  if (vendor === "" && release.includes("amzn")) return true;
  const vendors = distributionId === undefined ? allVendors : distributionVendors.get(distributionId);
  if (vendors === undefined) return true;
  for (const known of vendors) if (vendor.startsWith(known)) return true;
  return false;
}
