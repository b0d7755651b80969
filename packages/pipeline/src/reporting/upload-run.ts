import { hasCode, isScError } from "@sc/model";
import type { BuildEnvironment } from "../ci-platform.ts";
import { detectCi } from "../detect-ci.ts";
import type { SecuredImage, SecureWarning } from "../secure-plan.ts";
import type { DefectDojoTarget } from "./defectdojo-fields.ts";
import { type UploadedFindings, type UploadOptions, uploadToDefectDojo } from "./defectdojo.ts";

/** What came of the findings of one image. */
export interface ImageUpload {
  readonly image: string;
  /** Where they are now. */
  readonly uploaded?: UploadedFindings;
  /** Why they are not there. */
  readonly warning?: SecureWarning;
}

/**
 * Uploads the findings of every image that was scanned, one image after the other, so that a product or an engagement
 * that is made for the first is there for the next. Reporting never fails a run: what cannot be uploaded is told as a
 * warning. A server that cannot be reached at all is not asked again for every image.
 */
export async function uploadRun(
  images: readonly SecuredImage[],
  target: () => Promise<DefectDojoTarget>,
  options: UploadOptions,
): Promise<readonly ImageUpload[]> {
  const uploads: ImageUpload[] = [];
  let unreachable: SecureWarning | undefined;
  for (const { image, report } of images) {
    if (report === undefined) continue;
    if (unreachable !== undefined) {
      uploads.push({ image, warning: unreachable });
      continue;
    }
    try {
      uploads.push({ image, uploaded: await uploadToDefectDojo(report, await target(), options) });
    } catch (error) {
      options.signal?.throwIfAborted();
      const warning = warningOf(error);
      if (!hasCode(error, "REPORTING_REFUSED")) unreachable = warning;
      uploads.push({ image, warning });
    }
  }
  return uploads;
}

function warningOf(error: unknown): SecureWarning {
  if (!isScError(error)) throw error;
  const { code, message, hint } = error;
  return { stage: "defectdojo", code, message, ...(hint === undefined ? {} : { hint }) };
}

/** What DefectDojo is told of the build that runs here: its id, its commit, and the name of its branch or tag. */
export function uploadedBuild(environment: BuildEnvironment): NonNullable<UploadOptions["build"]> {
  const { buildId, commit, ref } = detectCi(environment);
  return {
    ...(buildId === undefined ? {} : { id: buildId }),
    ...(commit === undefined ? {} : { commit }),
    ...(ref === undefined ? {} : { ref: ref.replace(/^refs\/(?:heads|tags)\//, "") }),
  };
}
