import type { AuthSettings } from "./auth.ts";

/** A manifest's members that a registry may hold against it. */
export interface ManifestClaims {
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly configMediaType?: string | undefined;
  readonly subject?: string | undefined;
}

/** How a registry behaves. All of it may be changed while it runs, as when a registry is upgraded. */
export interface RegistrySettings {
  auth: AuthSettings;
  /**
   * `api`: the referrers API of distribution-spec 1.1 with the `OCI-Subject` header. `header-without-endpoint`: the
   * header is sent, the endpoint is 404 (as ECR did). `wrong-content-type`: 200 with a page that is no index. A number:
   * that status, without the header, as registries answer that lack the API.
   */
  referrers: "api" | "header-without-endpoint" | "wrong-content-type" | 400 | 403 | 404 | 405 | 406 | 501;
  /** Whether `artifactType` filters (and `OCI-Filters-Applied` says so), or is ignored. */
  referrersFilter: boolean;
  /** Entries on a page of referrers; 0 for all on one page. */
  referrersPageSize: number;
  /** Where a page's `Link` leads: onward, for ever to itself, or for ever to new pages. */
  referrersPaging: "honest" | "cyclic" | "endless";
  /** Tags on a page where the request does not say; 0 for all. */
  tagPageSize: number;
  /** As for referrers; `ignored`: `n` and `last` change nothing (as docker-registry 2.8). */
  tagPaging: "honest" | "ignored" | "cyclic" | "endless";
  /** Whether manifests come with an ETag. */
  etags: boolean;
  /** Whether `If-Match` and `If-None-Match` of a manifest PUT are held to (412 when not so). */
  conditionalPut: boolean;
  /** Whether a tag that exists may be pointed at another manifest: 400 `TAG_INVALID` when not, as ECR, or 412, as Harbor. */
  immutableTags: boolean | "precondition";
  /**
   * Whether manifests and blobs may be deleted (405 `UNSUPPORTED` when not); `by-digest`: a tag only with its manifest,
   * as docker-registry 2.8 has it where deleting is enabled (400 `DIGEST_INVALID` for a tag).
   */
  deletes: boolean | "by-digest";
  /** Whether a blob can be taken over from another repository. */
  mounts: boolean;
  /** Whether `POST ?digest=` stores a blob in one request; otherwise it only opens an upload. */
  monolithicPost: boolean;
  /** Whether an upload is taken in chunks (`Content-Range`); otherwise 405, and only whole, in its PUT. */
  chunkedUploads: boolean;
  /** Whether writing to a repository makes it; otherwise 404 `NAME_UNKNOWN`, as ECR has it. */
  createsRepositories: boolean;
  /** Whether `Range` is obeyed for blobs; otherwise the whole blob comes with 200. */
  ranges: boolean;
  /** How `Location` is written. */
  locations: "relative" | "absolute";
  /** Whether blobs are served by a redirect to another origin, as registries on object stores do. */
  redirectBlobs: boolean;
  /** Whether a manifest's blobs and children must exist. Subjects need not. */
  checkReferences: boolean;
  /** The largest manifest taken, in bytes (413 above). */
  maxManifestBytes: number;
  /** Whether a manifest is only given to those whose `Accept` names its media type, as docker-registry does. */
  strictAccept: boolean;
  /** What answers to a tag that is not there; Artifactory says 403. */
  missingManifestStatus: 404 | 403;
  /** Which manifests are refused with `MANIFEST_INVALID`, as registries do that do not know artifacts. */
  refusesManifest: (claims: ManifestClaims) => boolean;
}

/** A registry that does everything distribution-spec 1.1 describes. */
export const defaultSettings: Readonly<RegistrySettings> = {
  auth: { scheme: "none" },
  referrers: "api",
  referrersFilter: true,
  referrersPageSize: 0,
  referrersPaging: "honest",
  tagPageSize: 0,
  tagPaging: "honest",
  etags: true,
  conditionalPut: true,
  immutableTags: false,
  deletes: true,
  mounts: true,
  monolithicPost: true,
  chunkedUploads: true,
  createsRepositories: true,
  ranges: true,
  locations: "relative",
  redirectBlobs: false,
  checkReferences: true,
  maxManifestBytes: 4 * 1024 * 1024,
  strictAccept: false,
  missingManifestStatus: 404,
  refusesManifest: () => false,
};
