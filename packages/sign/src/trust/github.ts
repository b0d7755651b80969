import { decodeTrustRoot, type TrustRoot } from "./trust-root.ts";

/** The TUF mirror of GitHub's own Sigstore instance. */
export const githubMirror = "https://tuf-repo.github.com";

/** The root metadata of that mirror, as it was when it was embedded. */
export async function readGithubTufRoot(): Promise<Uint8Array> {
  const { githubTufRoot } = await import("./github-tuf-root.ts");
  return new TextEncoder().encode(JSON.stringify(githubTufRoot));
}

/**
 * The trust root of GitHub's own Sigstore instance, which signs the attestations of private repositories and of
 * releases: no network. It has no transparency log: when something was signed is proven by its timestamp authority
 * alone. Authorities that started later than 12 June 2026 are missing from it.
 */
export async function loadGithubRoot(): Promise<TrustRoot> {
  const { githubTrustedRoot } = await import("./github-authorities.ts");
  return decodeTrustRoot(new TextEncoder().encode(JSON.stringify(githubTrustedRoot)), "GitHub, embedded");
}
