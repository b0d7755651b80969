import { decodeTrustRoot, type TrustRoot } from "./trust-root.ts";

/**
 * The trust root of GitHub's own Sigstore instance, which signs the attestations of private repositories and of
 * releases: no network. It has no transparency log: when something was signed is proven by its timestamp authority
 * alone. Authorities that started later than 12 June 2026 are missing from it.
 */
export async function loadGithubRoot(): Promise<TrustRoot> {
  const { githubTrustedRoot } = await import("./github-authorities.ts");
  return decodeTrustRoot(new TextEncoder().encode(JSON.stringify(githubTrustedRoot)), "GitHub, embedded");
}
