import { type Digest, hasCode, isScError, type ProgressListener } from "@sc/model";
import type { AdvisoryDatabase, ScanReport } from "@sc/scan";
import { AttachmentError, type SignerPolicy, type VerifiedImage } from "@sc/sign";
import { Connection, type PipelineCall } from "./connect.ts";
import type { KeptInventory } from "./inventory.ts";
import type { ContentCache, KeptContent } from "./kept-content.ts";
import type { GeneratedProvenance } from "./provenance.ts";
import type {
  CachedResult,
  OpenedSigning,
  Requirable,
  SecuredImage,
  SecureDocument,
  SecuredRecord,
  SecurePlan,
  SecureWarning,
  UnstoredBundle,
} from "./secure-plan.ts";

/** One image on its way through the chain: what is known of it so far. */
export interface ImageRun {
  readonly image: string;
  readonly plan: SecurePlan;
  readonly call: PipelineCall;
  /** With what is signed, opened when it is first asked for; `undefined` where nothing is to be signed. */
  readonly signing: () => Promise<OpenedSigning | undefined>;
  /** The layers that images of this run read or have read, each with the end of that. */
  readonly reading: Map<Digest, Promise<void>>;
  /** The advisory database, opened when it is first asked for and once for all images. */
  readonly database: () => Promise<AdvisoryDatabase>;
  /** What earlier runs have read of this image. */
  readonly kept: KeptContent | undefined;
  outcome: SecuredImage["outcome"];
  stoppedAt?: string;
  error?: unknown;
  digest?: Digest;
  /** The image by digest. */
  pinned: string;
  inventory?: KeptInventory;
  readonly fromCache: CachedResult[];
  documents: readonly SecureDocument[];
  report?: ScanReport;
  provenance?: GeneratedProvenance;
  readonly records: SecuredRecord[];
  readonly attached: { signatures: number; sboms: number; provenances: number };
  /** Whose signature counts: by the plan, or by the certificate that was just signed with. */
  policy?: SignerPolicy;
  verified?: VerifiedImage;
  readonly warnings: SecureWarning[];
  readonly unstored: UnstoredBundle[];
  /** How long it was worked on until now. */
  milliseconds: number;
}

/** What the images of a run have in common. */
export interface RunParts extends Pick<ImageRun, "plan" | "signing" | "reading" | "database" | "call"> {
  readonly contents: ContentCache | undefined;
}

/** An image of which nothing is known yet. */
export function beginImage(image: string, { contents, ...given }: RunParts): ImageRun {
  const { call } = given;
  // The steps of one image read the same manifests and signatures: each is asked for once.
  const { connection } = call;
  const kept = contents?.open(image);
  const own = connection === undefined ? undefined : new Connection({ remembering: connection, kept });
  return {
    ...given,
    call: { ...call, connection: own, onProgress: namedAs(image, call.onProgress) },
    kept,
    image,
    outcome: "pass",
    pinned: image,
    fromCache: [],
    documents: [],
    records: [],
    attached: { signatures: 0, sboms: 0, provenances: 0 },
    warnings: [],
    unstored: [],
    milliseconds: 0,
  };
}

// Watchers know the image by the name they gave it, not by the digest it is worked on by.
function namedAs(image: string, listener: ProgressListener | undefined): ProgressListener | undefined {
  if (listener === undefined) return undefined;
  return (progress) => listener("subject" in progress ? { ...progress, subject: image } : progress);
}

/** A step of the chain: one word, whether it is asked to hold, and what it does. */
export interface ChainStep {
  readonly name: string;
  /** The part of the plan that it belongs to; `always`: its failure ends the image whatever the plan says. */
  readonly part: (plan: SecurePlan) => Requirable | "always" | undefined;
  readonly run: (run: ImageRun) => Promise<void>;
}

/**
 * Takes a step unless the image was stopped before or the plan leaves it out. Fail-open: what is not required and fails
 * is a warning. What is required and fails ends the image as a violation, and so does whatever cannot verify.
 */
export async function takeStep(run: ImageRun, step: ChainStep): Promise<void> {
  const { plan, call } = run;
  const part = step.part(plan);
  if (run.outcome !== "pass" || part === undefined) return;
  call.signal?.throwIfAborted();
  try {
    await step.run(run);
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof AttachmentError) run.unstored.push({ bundle: error.bundle, subject: error.subject });
    // What another key than the one whose signatures count would sign is a signature that fails: that is never tolerated.
    if (hasCode(error, "KEY_PAIR_MISMATCH")) {
      stopImage(run, "verify", "violation");
      run.error = error;
      return;
    }
    const required = part === "always" ? isRefusal(error) : part.required;
    if (part !== "always" && !required && isScError(error)) {
      const { code, message } = error;
      run.warnings.push({ stage: step.name, code, message, ...(error.hint === undefined ? {} : { hint: error.hint }) });
      call.onProgress?.({ type: "notice", level: "warning", code, message: `${step.name}: ${message}` });
      return;
    }
    stopImage(run, step.name, required ? "violation" : "error");
    run.error = error;
  }
}

/** Ends an image at a step. */
export function stopImage(run: ImageRun, step: string, outcome: "violation" | "error"): void {
  run.outcome = outcome;
  run.stoppedAt = step;
}

function isRefusal(error: unknown): boolean {
  return isScError(error) && (error.code === "VERIFICATION_FAILED" || error.code === "NO_SIGNATURES");
}

/** What came of an image. */
export function securedImage(run: ImageRun): SecuredImage {
  const { image, outcome, stoppedAt, error, digest, documents, report, provenance, records, attached, verified } = run;
  return {
    image,
    outcome,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(error === undefined ? {} : { error }),
    ...(digest === undefined ? {} : { digest }),
    ...(run.inventory === undefined ? {} : { packages: run.inventory.packages }),
    ...(run.fromCache.length === 0 ? {} : { fromCache: run.fromCache }),
    documents,
    ...(report === undefined ? {} : { report }),
    ...(provenance === undefined ? {} : { provenance }),
    records,
    attached,
    ...(verified === undefined ? {} : { verified }),
    warnings: run.warnings,
    unstored: run.unstored,
    milliseconds: run.milliseconds,
  };
}
