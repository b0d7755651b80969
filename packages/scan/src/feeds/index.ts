import type { AdvisoryFeed } from "../feed.ts";
import { alpineSecdb } from "./alpine-secdb.ts";
import { debianTracker } from "./debian-tracker.ts";
import { osv } from "./osv.ts";

/** The forms in which advisories are read. The first that recognises a file reads it; OSV, the last, takes the rest. */
export const feeds: readonly AdvisoryFeed[] = [alpineSecdb, debianTracker, osv];
