import type { Package } from "@sc/model";
import type { FalseMatch } from "../false-match.ts";

/** Packages that a vendor built anew, with fixes that only the vendor's own advisories tell of. */
export const vendorRebuild: FalseMatch = {
  id: "vendor-rebuild",
  title: "packages that a vendor rebuilt with fixes of its own",
  isUnaffected: false,
  explain({ found }): string | undefined {
    const vendor = rebuilderOf(found);
    if (vendor === undefined) return undefined;
    return `${vendor} rebuilt it with fixes of its own: the original's advisories do not order its versions, and the vendor's own are not in the database`;
  },
};

const vendors: readonly (readonly [vendor: string, mark: RegExp])[] = [
  ["Root.io", /\.root\.io(?:[.\d]|$)/],
  ["Seal Security", /\+seal(?:[.\d]|$)/],
  ["TuxCare", /[.+~-]tuxcare(?:[.\d]|$)/],
];

/** Who rebuilt a package, by the mark that the vendor sets into its version. */
export function rebuilderOf({ version }: Pick<Package, "version">): string | undefined {
  if (!/root\.io|seal|tuxcare/.test(version)) return undefined;
  // A mark stands at the end, and nobody's version is that long.
  const end = version.slice(-100);
  return vendors.find(([, mark]) => mark.test(end))?.[0];
}
