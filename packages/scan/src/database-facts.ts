import type { Digest } from "@sc/model";

/** What is in a database of one ecosystem. */
export interface EcosystemFacts {
  /** Without release: `Debian`, `npm`. */
  readonly ecosystem: string;
  /** Advisories, without the malicious-package reports. */
  readonly advisories: number;
  /** Reports of malicious packages (`MAL-`). */
  readonly malicious: number;
  /** Different package names, or pairs of release and name. */
  readonly packages: number;
  /** The releases that advisories name, in order of their names; empty where the ecosystem has none. */
  readonly releases: readonly string[];
  /** When the newest advisory was changed, RFC 3339. */
  readonly newest?: string;
  /** Of the ecosystem's file. */
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** What a database knows of exploitation, where it was built with that. */
export interface ExploitationFacts {
  /** How likely each vulnerability is to be exploited within thirty days: FIRST's scores, as of when. */
  readonly epss?: { readonly scores: number; readonly date?: string };
  /** Which are known to be exploited: CISA's list, as of when. */
  readonly kev?: { readonly entries: number; readonly date?: string };
}

/** What a database is, for reports: which advisories, as of when. */
export interface DatabaseFacts {
  /** The version of the layout. */
  readonly schema: number;
  /** Names the content: two databases with one digest hold the same advisories, built at the same time. */
  readonly digest: Digest;
  /** When it was built, RFC 3339. */
  readonly built: string;
  /** When the newest advisory in it was changed, RFC 3339. */
  readonly newest?: string;
  /** Sorted by name. */
  readonly ecosystems: readonly EcosystemFacts[];
  readonly exploitation?: ExploitationFacts;
}
