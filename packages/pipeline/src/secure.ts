import { formatCount, shortDigest } from "@sc/model";
import { InventoryWorkers } from "@sc/sbom";
import type { AdvisoryDatabase } from "@sc/scan";
import { type PipelineCall, withConnection } from "./connect.ts";
import { eachOf } from "./each-of.ts";
import {
  attachProvenance,
  attachReport,
  attachSboms,
  signImage,
  verifySigned,
  writeDocuments,
  writeProvenance,
} from "./secure-attached.ts";
import { ContentCache } from "./kept-content.ts";
import { openDatabase } from "./scan.ts";
import { beginImage, type ImageRun, type RunParts, securedImage, takeStep } from "./secure-image.ts";
import type { OpenedSigning, SecuredImage, SecurePlan, SecureResult } from "./secure-plan.ts";
import { openAndRead, scanRead } from "./secure-read.ts";

/** How many images are worked on at a time: layers are read by a worker per core already, and services wait. */
const defaultJobs = 4;

/**
 * Does to every image what the plan says: open → inventory → match → policy, then sign ‖ documents ‖ provenance →
 * attach → verify. A violated policy stops its image before anything is signed; an image that cannot be done does not
 * stop the others, unless the plan takes them together. What was opened is done to by digest, whatever the tag says by
 * then. What verifies as signed or attested by the same signer already is not done again.
 */
export async function secure(plan: SecurePlan, call: PipelineCall = {}): Promise<SecureResult> {
  const { images, jobs = defaultJobs, together = false } = plan;
  const began = performance.now();
  const done = await withConnection(call, async (connection) => {
    const signing = openOnce(plan.signing);
    await using database = new SharedDatabase(plan.scan, { ...call, connection });
    const contents = openContents(plan, call);
    const reading: ImageRun["reading"] = new Map();
    await using workers = workersOf(plan);
    const shared = { ...plan, inventory: { ...plan.inventory, ...(workers === undefined ? {} : { workers }) } };
    const parts = { contents, database: () => database.open(), call: { ...call, connection } };
    const given = { plan: shared, signing, reading, ...parts };
    const runs = images.map((image) => beginImage(image, given));
    const tell = countFinished(runs.length, call);
    if (!together) {
      return resultOf(
        await eachOf(runs, jobs, async (run) => {
          if (plan.failFast === true && runs.some(({ outcome }) => outcome !== "pass")) return skipImage(run);
          return tell(await finishImage(await examineImage(run)));
        }),
      );
    }
    const examined = await eachOf(runs, jobs, examineImage);
    const stopped = examined.some(({ outcome }) => outcome !== "pass");
    return resultOf(
      stopped ? examined.map(skipImage) : await eachOf(examined, jobs, async (run) => tell(await finishImage(run))),
    );
  });
  return { ...done, milliseconds: performance.now() - began };
}

// Threads that one image started read the layers of the next.
function workersOf({ inventory }: SecurePlan): InventoryWorkers | undefined {
  const { workers } = inventory ?? {};
  if (workers === undefined) return new InventoryWorkers();
  if (typeof workers === "number") return new InventoryWorkers({ count: workers });
  return typeof workers === "function" ? new InventoryWorkers({ start: workers }) : undefined;
}

function openContents({ content, now = new Date() }: SecurePlan, { onProgress }: PipelineCall): RunParts["contents"] {
  return content === undefined ? undefined : new ContentCache(content, { now, onProgress });
}

/** The advisory database of a run: opened when the first image is to be scanned, closed when the last one is done. */
class SharedDatabase implements AsyncDisposable {
  readonly #scan: SecurePlan["scan"];
  readonly #call: PipelineCall;
  #opened: Promise<AdvisoryDatabase> | undefined;

  constructor(scan: SecurePlan["scan"], call: PipelineCall) {
    this.#scan = scan;
    this.#call = call;
  }

  async open(): Promise<AdvisoryDatabase> {
    const { signal, connection } = this.#call;
    const { database = "", fetchParts } = this.#scan ?? {};
    this.#opened ??= openDatabase(database, { signal, ...(fetchParts === false ? {} : { connection }) });
    return await this.#opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.[Symbol.asyncDispose]();
  }
}

// Tells of several images which are done, so that an interruption can say what had been, and which were stopped.
function countFinished(images: number, { onProgress }: PipelineCall): (run: ImageRun) => ImageRun {
  let finished = 0;
  return (run) => {
    if (images === 1) return run;
    if (run.outcome !== "pass") {
      const why = `stopped at ${run.stoppedAt ?? "the start"}`;
      onProgress?.({ type: "stage", subject: run.image, stage: "secure", state: "failed", detail: why });
      return run;
    }
    finished += 1;
    const detail = `${finished} of ${images}: ${describeSecured(securedImage(run))}`;
    onProgress?.({ type: "stage", subject: run.image, stage: "secure", state: "done", detail });
    return run;
  };
}

// Keys are read and identities are asked for when the first image is to be signed, once for all.
function openOnce(signing: SecurePlan["signing"]): ImageRun["signing"] {
  let opened: Promise<OpenedSigning> | undefined;
  return async () => {
    if (signing === undefined) return undefined;
    opened ??= "open" in signing ? signing.open() : Promise.resolve(signing);
    return await opened;
  };
}

// The inventory and the verdict: what an image must pass before anything is done to it.
async function examineImage(run: ImageRun): Promise<ImageRun> {
  const began = performance.now();
  await takeStep(run, openAndRead);
  await takeStep(run, scanRead);
  run.milliseconds += performance.now() - began;
  return run;
}

async function finishImage(run: ImageRun): Promise<ImageRun> {
  const began = performance.now();
  await Promise.all([takeStep(run, signImage), takeStep(run, writeDocuments), takeStep(run, writeProvenance)]);
  await takeStep(run, attachSboms);
  await takeStep(run, attachProvenance);
  await takeStep(run, attachReport);
  await takeStep(run, verifySigned);
  if (run.outcome === "pass") await run.kept?.save();
  run.milliseconds += performance.now() - began;
  return run;
}

function skipImage(run: ImageRun): ImageRun {
  if (run.outcome === "pass") run.outcome = "skipped";
  return run;
}

function resultOf(runs: readonly ImageRun[]): SecureResult {
  const images = runs.map(securedImage);
  const worst = (["violation", "error"] as const).find((bad) => images.some(({ outcome }) => outcome === bad));
  return { outcome: worst ?? "pass", images };
}

/** One line for people on what came of an image. */
export function describeSecured(secured: SecuredImage): string {
  const { digest, packages, report, attached, verified, warnings } = secured;
  const counted = report?.findings.filter(({ suppressed }) => suppressed === undefined).length;
  const parts = [
    ...(digest === undefined ? [] : [shortDigest(digest)]),
    ...(packages === undefined ? [] : [formatCount(packages, "package")]),
    ...(counted === undefined ? [] : [formatCount(counted, "vulnerability")]),
    ...(attached.signatures === 0 ? [] : ["signed"]),
    ...(attached.sboms === 0 ? [] : ["sbom"]),
    ...(attached.provenances === 0 ? [] : ["provenance"]),
    ...(verified === undefined ? [] : ["verified"]),
    ...(warnings.length === 0 ? [] : [formatCount(warnings.length, "warning")]),
  ];
  return parts.join(", ");
}
