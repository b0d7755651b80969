import type { PackageHash } from "@sc/model";

/** How many digits of hexadecimal a digest of each algorithm has. */
const digits = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 } as const;
const algorithms = ["md5", "sha1", "sha256", "sha384", "sha512"] as const;

/** The hashes of a subresource integrity text: `sha512-<base64>`, several with spaces between them. */
export function integrityHashes(integrity: string | undefined): PackageHash[] {
  const hashes: PackageHash[] = [];
  for (const item of integrity?.slice(0, 4096).split(/\s+/) ?? []) {
    const dash = item.indexOf("-");
    const value = Buffer.from(item.slice(dash + 1).split("?", 1)[0] ?? "", "base64").toString("hex");
    const hash = hexHash(item.slice(0, dash), value);
    if (hash !== undefined) hashes.push(hash);
  }
  return hashes;
}

/** The hash that an algorithm's name and hexadecimal digits are; `undefined` when they are none. */
export function hexHash(algorithm: string, digest: string | undefined): PackageHash | undefined {
  const value = digest?.toLowerCase() ?? "";
  const known = algorithms.find((one) => one === algorithm);
  return known !== undefined && value.length === digits[known] && /^[0-9a-f]+$/.test(value)
    ? { algorithm: known, value }
    : undefined;
}

/** The hashes of texts `sha256:<hexadecimal>`, as the lock files of Python have them; the first of each algorithm. */
export function prefixedHashes(texts: readonly string[]): PackageHash[] {
  return texts.flatMap((text) => {
    const colon = text.indexOf(":");
    return hexHash(text.slice(0, colon), text.slice(colon + 1)) ?? [];
  });
}
