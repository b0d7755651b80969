import {
  type ArtifactSource,
  attachedTag,
  type Call,
  type Descriptor,
  type Digest,
  isScError,
  ScError,
} from "@sc/model";
import { signErrorCodes } from "./error-codes.ts";
import { signLimits } from "./limits.ts";
import { type BlobReader, createBlobReader } from "./storage/budget.ts";
import type { StorageForm, UnverifiedCandidate } from "./storage/candidate.ts";
import { mayHoldSignature, openReferrer } from "./storage/referrer.ts";
import { readTag, tagCandidates, type TaggedManifest } from "./storage/tag.ts";
import type { CandidateVerdict } from "./verdict.ts";
import { type CandidateContent, refuseClaimedType, verifyCandidate, type WantedContent } from "./verify-candidate.ts";

/** A candidate that holds. */
export interface AcceptedCandidate {
  readonly form: StorageForm;
  readonly manifest: Digest;
  readonly content: CandidateContent;
}

/** How the search goes. */
export interface SearchOptions extends Call {
  readonly wanted: WantedContent;
  readonly suffix: "sig" | "att";
  readonly storage: "bundle" | "tag" | "both";
  /** Looks at everything; otherwise the first that holds ends the search. */
  readonly all: boolean;
  /** What stands under the tag, where it was read already. */
  readonly tagged?: TaggedManifest;
  /** What is asked beyond signature, subject and type. Throws why the content is refused. */
  readonly accept?: (content: CandidateContent, where: string) => void;
}

/** What the search found. */
export interface SearchResult {
  readonly accepted: readonly AcceptedCandidate[];
  readonly verdicts: readonly CandidateVerdict[];
}

/**
 * Looks through everything attached to an image in both forms and verifies it. One bad candidate never hides a good
 * one. When nothing was accepted and something could not be read, throws that failure: the answer is then not "no".
 */
export async function findVerified(source: ArtifactSource, options: SearchOptions): Promise<SearchResult> {
  const search = new Search(source, options);
  const [bundles, tag] = [options.storage !== "tag", options.storage !== "bundle"];
  // Bundles first, whose envelopes need not be fetched again from under the tag.
  if (bundles && tag && options.all) await Promise.all([search.lookAtReferrers(), search.readAhead()]);
  else if (bundles) await search.lookAtReferrers();
  if (tag && !search.isDone) await search.lookAtTag();
  return search.finish();
}

// What another package's error says of content, not of the way to it.
const contentCodes: ReadonlySet<string> = new Set([
  "BLOB_NOT_FOUND",
  "BLOB_TOO_LARGE",
  "DECODE_FAILED",
  "DIGEST_INVALID",
  "DIGEST_MISMATCH",
  "JSON_INVALID",
  "MANIFEST_TOO_LARGE",
  "SIZE_MISMATCH",
]);

const parallelReferrers = 6;

/** Where something stands. */
type Placed = Pick<CandidateVerdict, "form" | "manifest">;

class Search {
  readonly #source: ArtifactSource;
  readonly #options: SearchOptions;
  readonly #blobs: BlobReader;
  readonly #accepted: AcceptedCandidate[] = [];
  readonly #verdicts: CandidateVerdict[] = [];
  readonly #failures: Error[] = [];
  readonly #listed = new Map<Digest, number>();
  #tagged: Promise<TaggedManifest | undefined> | undefined;

  constructor(source: ArtifactSource, options: SearchOptions) {
    this.#source = source;
    this.#options = options;
    this.#blobs = createBlobReader(source, callOf(options));
  }

  get isDone(): boolean {
    return !this.#options.all && this.#accepted.length > 0;
  }

  finish(): SearchResult {
    const [failure] = this.#failures;
    if (this.#accepted.length === 0 && failure !== undefined) throw failure;
    return { accepted: this.#accepted.toSorted(this.#inOrder), verdicts: this.#verdicts.toSorted(this.#inOrder) };
  }

  // As they are listed, bundles before tags, whichever answer came first.
  readonly #inOrder = (left: Placed, right: Placed): number => this.#placeOf(left) - this.#placeOf(right);

  #placeOf({ form, manifest }: Placed): number {
    const listed = form === "bundle" && manifest !== undefined ? this.#listed.get(manifest) : undefined;
    return listed ?? this.#listed.size;
  }

  async lookAtReferrers(): Promise<void> {
    const { wanted } = this.#options;
    const listed = await this.#source.listReferrers(wanted.subject, callOf(this.#options));
    const open: Descriptor[] = [];
    for (const referrer of listed.filter(mayHoldSignature)) {
      this.#listed.set(referrer.digest, this.#listed.size);
      const refusal = refuseClaimedType(referrer, wanted, referrer.digest);
      if (refusal === undefined) open.push(referrer);
      else this.#verdicts.push({ form: "bundle", manifest: referrer.digest, accepted: false, checks: [], ...refusal });
    }
    const most = signLimits.maxReferrers;
    if (open.length > most) {
      const message = `${this.#source.repository}@${wanted.subject}: ${open.length} referrers; at most ${most} are opened`;
      this.#failures.push(new ScError("SIGN_LIMIT_EXCEEDED", message));
    }
    const opened = open.slice(0, most);
    const step = this.#options.all ? parallelReferrers : 1;
    for (let at = 0; at < opened.length && !this.isDone; at += step) {
      await Promise.all(opened.slice(at, at + step).map((referrer) => this.#lookAtReferrer(referrer)));
    }
  }

  async #lookAtReferrer(referrer: Descriptor): Promise<void> {
    await this.#judge("bundle", referrer.digest, async () => {
      const subject = this.#options.wanted.subject;
      const candidates = await openReferrer(this.#source, referrer, { subject, call: callOf(this.#options) });
      await this.#lookAtCandidates(candidates);
    });
  }

  /** Asks what stands under the tag; that it cannot be read is told where it is looked at. */
  async readAhead(): Promise<void> {
    await this.#readTag().catch(() => undefined);
  }

  async lookAtTag(): Promise<void> {
    const { wanted, suffix } = this.#options;
    await this.#judge("tag", undefined, async () => {
      const tagged = await this.#readTag();
      if (tagged === undefined) return;
      const tag = attachedTag(wanted.subject, suffix).slice(0, 19);
      await this.#lookAtCandidates(tagCandidates(tagged, `${this.#source.repository}:${tag}….${suffix}`));
    });
  }

  #readTag(): Promise<TaggedManifest | undefined> {
    const { tagged, wanted, suffix } = this.#options;
    if (tagged !== undefined) return Promise.resolve(tagged);
    this.#tagged ??= readTag(this.#source, attachedTag(wanted.subject, suffix), callOf(this.#options));
    return this.#tagged;
  }

  async #lookAtCandidates(candidates: readonly UnverifiedCandidate[]): Promise<void> {
    for (const candidate of candidates) {
      if (this.isDone) return;
      await this.#judge(candidate.form, candidate.manifest, async () => {
        const content = await verifyCandidate(candidate, this.#options.wanted, this.#blobs);
        this.#options.accept?.(content, candidate.where);
        const { form, manifest } = candidate;
        const { checks, signer } = content.facts;
        this.#accepted.push({ form, manifest, content });
        this.#verdicts.push({ form, manifest, accepted: true, checks, signer });
      });
    }
  }

  async #judge(form: StorageForm, manifest: Digest | undefined, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!isScError(error)) {
        this.#failures.push(
          error instanceof Error ? error : new Error("a candidate could not be read", { cause: error }),
        );
        return;
      }
      const { code, message, facts } = error;
      const content = contentCodes.has(code) || Object.hasOwn(signErrorCodes, code);
      if (!content || code === "SIGN_LIMIT_EXCEEDED") this.#failures.push(error);
      const at = manifest === undefined ? {} : { manifest };
      this.#verdicts.push({ form, ...at, accepted: false, checks: [], code, message, facts });
    }
  }
}

function callOf({ signal, onProgress }: Call): Call {
  return { signal, onProgress };
}
