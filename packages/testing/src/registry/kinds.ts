import type { AuthSettings } from "./auth.ts";
import type { RegistrySettings } from "./settings.ts";

/** The registries of SPEC.md OCI-7. */
export type RegistryKind =
  | "distribution"
  | "zot"
  | "harbor"
  | "quay"
  | "artifactory"
  | "docker-hub"
  | "ghcr"
  | "ecr"
  | "gar"
  | "acr";

const user: Readonly<Record<string, string>> = { ann: "correct-horse" };
const basic: AuthSettings = { scheme: "basic", users: user };

/** Few hold to the conditions of a PUT, or take a blob in one POST; where it is not known the worse is assumed. */
const plain: Partial<RegistrySettings> = { conditionalPut: false, monolithicPost: false };

/**
 * How the registries that people use differ from one that does everything the specification describes. A row says the
 * worse of what is known of a registry's versions: one that has since been mended is easier than its row. Who may
 * write is `ann`, with the password `correct-horse`, where anybody is asked at all.
 */
export const registryKinds: Readonly<Record<RegistryKind, Readonly<Partial<RegistrySettings>>>> = {
  // Version 2.8: no referrers, `n` of the list of tags ignored, deleting off, a manifest only for those who name its type.
  distribution: {
    ...plain,
    referrers: 404,
    tagPaging: "ignored",
    deletes: false,
    strictAccept: true,
    locations: "absolute",
  },
  zot: { conditionalPut: false, etags: false, auth: basic },
  // A rule of immutable tags answers 412, which elsewhere means that someone else was faster.
  harbor: { ...plain, auth: { scheme: "bearer", users: user }, immutableTags: "precondition", locations: "absolute" },
  // Before artifacts were allowed by default: a manifest that names a subject is MANIFEST_INVALID (cosign #1994).
  quay: {
    ...plain,
    auth: { scheme: "bearer", users: user, tokenMember: "token" },
    referrers: 405,
    refusesManifest: ({ subject }) => subject !== undefined,
    redirectBlobs: true,
  },
  // 403 for a tag that is not there (cosign #2973), no ranges, no etags.
  artifactory: {
    ...plain,
    auth: { scheme: "bearer", users: user, anonymous: "nothing", tokenMember: "access_token" },
    referrers: 404,
    missingManifestStatus: 403,
    ranges: false,
    etags: false,
    locations: "absolute",
  },
  // Everybody may read; tokens are short-lived; blobs come from another origin.
  "docker-hub": {
    ...plain,
    auth: { scheme: "bearer", users: user, expiresInSeconds: 300, tokenUses: 4 },
    referrers: 404,
    redirectBlobs: true,
    deletes: false,
    locations: "absolute",
  },
  // Still without referrers in 2026; nothing is deleted by this API.
  ghcr: {
    ...plain,
    auth: { scheme: "bearer", users: user },
    referrers: 404,
    redirectBlobs: true,
    deletes: false,
    tagPageSize: 100,
  },
  // Says OCI-Subject without the endpoint, immutable tags, no repository that was not made, no blob of another repository.
  ecr: {
    ...plain,
    auth: basic,
    referrers: "header-without-endpoint",
    immutableTags: true,
    mounts: false,
    createsRepositories: false,
    redirectBlobs: true,
    etags: false,
    locations: "absolute",
  },
  // A blob comes in one piece or not at all.
  gar: {
    ...plain,
    auth: { scheme: "bearer", users: user, tokenMember: "token" },
    chunkedUploads: false,
    referrersFilter: false,
    redirectBlobs: true,
  },
  // Tokens by POST for those with an identity token, under one name; referrers in pages.
  acr: {
    ...plain,
    auth: {
      scheme: "bearer",
      users: user,
      refreshTokens: ["an-identity"],
      anonymous: "nothing",
      tokenMember: "access_token",
    },
    referrersPageSize: 1,
    redirectBlobs: true,
  },
};
