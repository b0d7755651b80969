import { type Digest, type Inventory, isScError, type Platform, type ProgressListener, shortDigest } from "@sc/model";
import type { ScanReport } from "@sc/scan";
import type { AttachedRecord, Signer, SignerPolicy, VerifiedImage } from "@sc/sign";
import { attachSbom } from "./attach.ts";
import type { PipelineCall } from "./connect.ts";
import { inventory, type InventoryOptions } from "./inventory.ts";
import { type OpenedImage, openImage } from "./open-image.ts";
import { formatSbom, type FormatSbomOptions } from "./sbom.ts";
import { pinReference } from "./pin.ts";
import { openDatabase, scan, type ScanOptions } from "./scan.ts";
import { type ArtifactPlace, sign, verify } from "./signing.ts";

/** A step that may be asked to hold: one that fails and is not required is a warning, and the run goes on. */
interface Requirable {
  readonly required: boolean;
}

/** What is done to images. A part that is left out is not done and costs nothing. */
export interface SecurePlan extends ArtifactPlace {
  readonly images: readonly string[];
  readonly platform?: Platform | undefined;
  readonly inventory?: Pick<InventoryOptions, "limits" | "cacheDirectory" | "workers"> | undefined;
  readonly sbom?:
    | (Requirable &
        FormatSbomOptions & { readonly formats: readonly string[]; readonly attach: boolean; readonly sign: boolean })
    | undefined;
  readonly scan?: (Requirable & Omit<ScanOptions, "signal" | "onProgress"> & { readonly database: string }) | undefined;
  readonly signing?: (Requirable & { readonly signer: Signer; readonly verify?: SignerPolicy | undefined }) | undefined;
  readonly now?: Date | undefined;
}

/** A step that failed without ending the run. */
export interface SecureWarning {
  readonly stage: string;
  readonly code: string;
  readonly message: string;
}

/** A document that was made. */
export interface SecureDocument {
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** What came of one image. */
export interface SecuredImage {
  readonly image: string;
  readonly outcome: "pass" | "violation" | "error";
  /** The step that ended it early. */
  readonly stoppedAt?: string;
  /** Why, where it was an error. */
  readonly error?: unknown;
  /** What the reference named; everything was done to this digest. */
  readonly digest?: Digest;
  readonly packages?: number;
  readonly documents: readonly SecureDocument[];
  readonly report?: ScanReport;
  /** Signatures and attestations. */
  readonly records: readonly AttachedRecord[];
  readonly verified?: VerifiedImage;
  readonly warnings: readonly SecureWarning[];
}

/** What came of all images. */
export interface SecureResult {
  readonly outcome: "pass" | "violation" | "error";
  readonly images: readonly SecuredImage[];
}

/**
 * Does to every image what the plan says, in the plan's order: open → inventory → documents → match → policy → sign →
 * attest and attach → verify. A violated policy stops its image; an image that cannot be done does not stop the
 * others. What was opened is done to by digest, whatever the tag says by then.
 */
export async function secure(plan: SecurePlan, call: PipelineCall = {}): Promise<SecureResult> {
  const images: SecuredImage[] = [];
  for (const image of plan.images) images.push(await secureImage(image, plan, call));
  const worst = (["violation", "error"] as const).find((bad) => images.some(({ outcome }) => outcome === bad));
  return { outcome: worst ?? "pass", images };
}

/** What is known of an image so far. */
interface Progress {
  stage: string;
  digest?: Digest;
  packages?: number;
  documents: readonly SecureDocument[];
  report?: ScanReport;
  records: readonly AttachedRecord[];
  verified?: VerifiedImage;
  readonly warnings: SecureWarning[];
}

async function secureImage(image: string, plan: SecurePlan, outer: PipelineCall): Promise<SecuredImage> {
  const call = { ...outer, onProgress: namedAs(image, outer.onProgress) };
  const so: Progress = { stage: "open", documents: [], records: [], warnings: [] };
  try {
    await using opened = await openImage(image, { ...call, platform: plan.platform });
    const root = (opened.image.index ?? opened.image.descriptor).digest;
    so.digest = root;
    const outcome = await runChain(opened, { plan, call, so, pinned: pinReference(opened.reference, root) });
    const { stage, ...facts } = so;
    return { image, outcome, ...(outcome === "pass" ? {} : { stoppedAt: stage }), ...facts };
  } catch (error) {
    call.signal?.throwIfAborted();
    const { stage, ...facts } = so;
    return { image, outcome: isRefusal(error) ? "violation" : "error", stoppedAt: stage, error, ...facts };
  }
}

// Watchers know the image by the name they gave it, not by the digest it is worked on by.
function namedAs(image: string, listener: ProgressListener | undefined): ProgressListener {
  return (progress) => listener?.(progress.type === "notice" ? progress : { ...progress, subject: image });
}

interface Chain {
  readonly plan: SecurePlan;
  readonly call: PipelineCall;
  readonly so: Progress;
  /** The image by digest. */
  readonly pinned: string;
}

async function runChain(opened: OpenedImage, chain: Chain): Promise<"pass" | "violation"> {
  const taken = await takeInventory(opened, chain);
  chain.so.documents = await writeDocuments(taken, chain);
  const report = await scanInventory(taken, chain);
  if (report?.verdict?.outcome === "violation") return "violation";
  await signImage(chain);
  await attachDocuments(chain);
  await verifySignature(chain);
  return "pass";
}

async function takeInventory(opened: OpenedImage, { plan, call, so }: Chain): Promise<Inventory | undefined> {
  so.stage = "inventory";
  if (plan.sbom === undefined && plan.scan === undefined) return undefined;
  const taken = await inventory(opened, { ...plan.inventory, ...call });
  so.packages = taken.packages.length;
  return taken;
}

async function signImage(chain: Chain): Promise<void> {
  const { plan, call, so, pinned } = chain;
  so.stage = "sign";
  const { signing, artifactRepository, now } = plan;
  if (signing === undefined) return;
  const options = { ...call, artifactRepository, now };
  const signed = await tolerate(signing, chain, async () => await sign(pinned, signing.signer, options));
  so.records = signed?.records ?? [];
}

async function attachDocuments(chain: Chain): Promise<void> {
  const { plan, call, so, pinned } = chain;
  so.stage = "attach";
  const { sbom, signing, artifactRepository, now } = plan;
  if (sbom?.attach !== true) return;
  const signer = sbom.sign ? signing?.signer : undefined;
  for (const { format, bytes } of so.documents) {
    const file = { bytes, where: `the ${format} document` };
    const options = { ...call, artifactRepository, now, signer };
    const attached = await tolerate(sbom, chain, async () => await attachSbom(pinned, file, options));
    so.records = [...so.records, ...(attached?.records ?? [])];
  }
}

// What was signed just now must verify as anybody else would verify it; a failure here is never tolerated.
async function verifySignature({ plan, call, so, pinned }: Chain): Promise<void> {
  so.stage = "verify";
  const policy = so.records.length === 0 ? undefined : plan.signing?.verify;
  if (policy === undefined) return;
  so.verified = await verify(pinned, policy, { ...call, artifactRepository: plan.artifactRepository });
}

async function writeDocuments(taken: Inventory | undefined, chain: Chain): Promise<readonly SecureDocument[]> {
  const { sbom } = chain.plan;
  chain.so.stage = "documents";
  if (taken === undefined || sbom === undefined) return [];
  const write = async (): Promise<readonly SecureDocument[]> =>
    await Promise.resolve(sbom.formats.map((format) => ({ format, bytes: formatSbom(taken, format, sbom) })));
  return (await tolerate(sbom, chain, write)) ?? [];
}

async function scanInventory(taken: Inventory | undefined, chain: Chain): Promise<ScanReport | undefined> {
  const { scan: asked } = chain.plan;
  chain.so.stage = "scan";
  if (taken === undefined || asked === undefined) return undefined;
  return await tolerate(asked, chain, async () => {
    await using database = await openDatabase(asked.database);
    const { signal, onProgress } = chain.call;
    const report = await scan(taken, database, { ...asked, signal, onProgress });
    chain.so.report = report;
    return report;
  });
}

// Fail-open: what is not required and fails is told, and the chain goes on without it.
async function tolerate<Value>(
  step: Requirable | undefined,
  { so, call }: Chain,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await work();
  } catch (error) {
    call.signal?.throwIfAborted();
    if (step?.required === true || !isScError(error)) throw error;
    const { code, message } = error;
    so.warnings.push({ stage: so.stage, code, message });
    call.onProgress?.({ type: "notice", level: "warning", code, message: `${so.stage}: ${message}` });
    return undefined;
  }
}

function isRefusal(error: unknown): boolean {
  return isScError(error) && (error.code === "VERIFICATION_FAILED" || error.code === "NO_SIGNATURES");
}

/** One line for people on what came of an image. */
export function describeSecured({ digest, packages, report, records, verified, warnings }: SecuredImage): string {
  const counted = report?.findings.filter(({ suppressed }) => suppressed === undefined).length;
  const parts = [
    ...(digest === undefined ? [] : [shortDigest(digest)]),
    ...(packages === undefined ? [] : [`${packages} packages`]),
    ...(counted === undefined ? [] : [`${counted} vulnerabilities`]),
    ...(records.length === 0 ? [] : ["signed"]),
    ...(verified === undefined ? [] : ["verified"]),
    ...(warnings.length === 0 ? [] : [`${warnings.length} warnings`]),
  ];
  return parts.join(", ");
}
