import { type Digest, formatCount, ScError } from "@sc/model";
import { formatReference, mediaTypes, parseReference } from "@sc/oci";
import { artifactManifest, emptyConfig, emptyConfigType } from "./attach.ts";
import type { ConfiguredImage } from "./config/read-config.ts";
import { type Connection, type PipelineCall, withConnection } from "./connect.ts";
import { checkGitTag, type WrittenGitTag, writeGitTag } from "./git-tag.ts";
import { type PromotedTag, promoteTags, type TagMove } from "./promote.ts";
import { countRun } from "./reporting/run-report.ts";
import { secure } from "./secure.ts";
import type { SecuredImage, SecurePlan, SecureResult } from "./secure-plan.ts";
import { sign } from "./signing.ts";
import { runStage } from "./stage.ts";

/** The artifact type of a release manifest. */
const releaseType = "application/vnd.sc.release.v1+json";

/** What is released. */
export interface ReleasePlan {
  readonly stack: string;
  readonly environment: string;
  readonly version: string;
  readonly images: readonly ConfiguredImage[];
  /** What is done to the images; its own list of images is not looked at. */
  readonly secure: SecurePlan;
  /** The folder whose repository gets a tag, and in whose name; without it there is none. */
  readonly git?: { readonly folder: string; readonly tagger: { readonly name: string; readonly email: string } };
  /** The present. */
  readonly now: Date;
}

/** What came of a release. */
export interface Release {
  /** `stack-environment-version`: the tag of the release manifest and of the commit. */
  readonly name: string;
  readonly outcome: SecureResult["outcome"];
  readonly secured: SecureResult;
  /** Empty unless everything passed. */
  readonly tags: readonly PromotedTag[];
  /** The release manifest, by digest. */
  readonly manifest?: string;
  readonly gitTag?: WrittenGitTag;
}

/** The name of a release. */
export function releaseName({
  stack,
  environment,
  version,
}: Pick<ReleasePlan, "stack" | "environment" | "version">): string {
  return `${stack}-${environment}-${version}`;
}

/**
 * Releases all images of a stack or none: every image is scanned before any is signed; when all are signed, attested and
 * verified, a manifest that names all of it is stored and signed; then all tags move; then the commit is tagged.
 *
 * Throws `STACK_EMPTY`, `RELEASE_EXISTS`, `PROMOTION_FAILED`, `GIT_UNUSABLE`, and what storing the manifest throws.
 */
export async function createRelease(plan: ReleasePlan, call: PipelineCall = {}): Promise<Release> {
  const name = releaseName(plan);
  checkPlan(plan);
  if (plan.git !== undefined) await checkGitTag(plan.git.folder, name);
  return await withConnection(call, async (connection) => {
    const used = { ...call, connection };
    const images = plan.images.map(({ image }) => image);
    const secured = await secure({ ...plan.secure, images, together: true }, used);
    if (secured.outcome !== "pass") return { name, outcome: secured.outcome, secured, tags: [] };
    const released = plan.images.map((image, index) => releasedImage(image, secured.images[index]));
    const manifest = await storeManifest(name, plan, released, used);
    await signManifest(manifest, plan, used);
    const tags = await runStage({ name: "promote", subject: name, call }, () =>
      promoteTags(movesOf(plan, released), connection, call),
    );
    const gitTag = await tagCommit(name, plan, { secured, tags });
    return { name, outcome: "pass", secured, tags, manifest, ...(gitTag === undefined ? {} : { gitTag }) };
  });
}

function checkPlan({ images, stack, environment, version }: ReleasePlan): void {
  if (images.length === 0) {
    throw new ScError("STACK_EMPTY", `${stack} in ${environment}: has no image to release`, {
      hint: "Name them in config.images or config.services.<name>.image.",
    });
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}$/.test(version)) {
    throw new ScError("RELEASE_INVALID", `${JSON.stringify(version.slice(0, 100))} cannot be the tag of an image`);
  }
  for (const { image } of images) {
    if (parseReference(image).scheme === "registry") continue;
    throw new ScError("RELEASE_INVALID", `${image}: is in no registry, so it cannot be released`);
  }
}

interface ReleasedImage {
  readonly name: string;
  /** As the stack names it. */
  readonly image: string;
  /** By digest. */
  readonly reference: string;
  readonly digest: Digest;
  readonly secured: SecuredImage;
}

function releasedImage({ name, image }: ConfiguredImage, secured: SecuredImage | undefined): ReleasedImage {
  const digest = secured?.digest;
  const reference = parseReference(image);
  if (secured === undefined || digest === undefined || reference.scheme !== "registry") {
    throw new TypeError(`${image}: passed without a digest`);
  }
  const { registry, repository, scheme } = reference;
  return { name, image, digest, secured, reference: formatReference({ scheme, registry, repository, digest }) };
}

async function storeManifest(
  name: string,
  { stack, environment, version, now }: ReleasePlan,
  images: readonly ReleasedImage[],
  { connection, signal, onProgress }: PipelineCall & { readonly connection: Connection },
): Promise<string> {
  const call = { signal, onProgress };
  const document = {
    schema: "urn:sc:release:1",
    name,
    stack,
    environment,
    version,
    created: now.toISOString(),
    images: images.map(({ name: service, reference, digest, secured }) => ({
      name: service,
      reference,
      digest,
      artifacts: secured.records.map(({ form, manifest, repository, tag }) => ({ form, manifest, repository, tag })),
    })),
  };
  const home = images[0]?.reference ?? "";
  await using place = await connection.openDestination(home, call);
  return await runStage({ name: "release", subject: name, call }, async () => {
    const blob = await place.at.pushBlob(Buffer.from(JSON.stringify(document)), releaseType, call);
    const config = await place.at.pushBlob(emptyConfig, emptyConfigType, call);
    const bytes = artifactManifest({ blob, config, artifactType: releaseType });
    const { digest } = await place.at.pushManifest(bytes, mediaTypes.ociManifest, { ...call, tag: name });
    return `${home.slice(0, home.lastIndexOf("@"))}@${digest}`;
  });
}

async function signManifest(manifest: string, { secure: plan, now }: ReleasePlan, call: PipelineCall): Promise<void> {
  const { signing } = plan;
  if (signing === undefined) return;
  try {
    const { signer } = "open" in signing ? await signing.open() : signing;
    await sign(manifest, signer, { ...call, now });
  } catch (error) {
    call.signal?.throwIfAborted();
    if (signing.required || !(error instanceof ScError)) throw error;
    call.onProgress?.({ type: "notice", level: "warning", code: error.code, message: `release: ${error.message}` });
  }
}

// The tag of a version stays what it is; that of the environment says what runs there now.
function movesOf({ version, environment }: ReleasePlan, images: readonly ReleasedImage[]): readonly TagMove[] {
  return [
    ...images.map(({ reference, digest }) => ({ image: reference, digest, tag: version, moves: false })),
    ...images.map(({ reference, digest }) => ({ image: reference, digest, tag: environment, moves: true })),
  ];
}

// What stands on the terminal stands in the repository's history too.
function summaryOf(secured: SecureResult): string {
  const { images, scanned, criticalFindings, signed, sboms, provenances } = countRun(secured);
  const critical = formatCount(criticalFindings, "critical finding");
  const attached = `${formatCount(sboms, "SBOM")} and ${formatCount(provenances, "provenance")} attached`;
  return `${formatCount(images, "image")}: ${scanned} scanned (${critical}), ${signed} signed, ${attached}`;
}

async function tagCommit(
  name: string,
  { git, now, stack, environment, version }: ReleasePlan,
  { secured, tags }: Pick<Release, "secured" | "tags">,
): Promise<WrittenGitTag | undefined> {
  if (git === undefined) return undefined;
  const message = [
    `${stack} ${version} in ${environment}`,
    "",
    summaryOf(secured),
    "",
    ...secured.images.map(({ image, digest }) => `${image} ${digest ?? ""}`),
    "",
    ...tags.map(({ reference }) => reference),
  ].join("\n");
  return await writeGitTag(git.folder, { name, message, tagger: git.tagger, date: now });
}
