import { type Call, hasCode, isScError, type ScError } from "@sc/model";
import type { AttachedRecord, StorageChoice } from "./attach.ts";

/** How each form is written. */
export interface FormWriters {
  readonly bundle: () => Promise<AttachedRecord>;
  readonly tag: () => Promise<AttachedRecord>;
}

/** What the forms are written for. */
export interface AttachFormsOptions extends Pick<Call, "onProgress"> {
  /** repository@digest, for messages. */
  readonly image: string;
  readonly storage: StorageChoice;
}

// What is said of one form alone: the other may still be stored.
const formRefusals: ReadonlySet<string> = new Set([
  "ATTACHMENT_REFUSED",
  "REGISTRY_REFUSED",
  "TAG_FORM_IMPOSSIBLE",
  "TAG_IMMUTABLE",
]);

/**
 * Writes the wanted forms, the bundle first, and tells of each. A form that the place refuses, or that cannot be, is
 * left out with a notice as long as the other is stored: a repository of immutable tags takes no second signature under
 * one, a registry that knows no artifacts takes no bundle. Throws what refused when nothing is stored at all.
 */
export async function attachForms(
  writers: FormWriters,
  { image, storage, onProgress }: AttachFormsOptions,
): Promise<readonly AttachedRecord[]> {
  const forms = storage === "both" ? (["bundle", "tag"] as const) : [storage];
  const records: AttachedRecord[] = [];
  const refusals: ScError[] = [];
  for (const form of forms) {
    try {
      records.push(toldOf(await writers[form](), onProgress));
    } catch (error) {
      if (!isScError(error) || !isRefusal(error, records)) throw error;
      refusals.push(error);
    }
  }
  const [refused] = refusals;
  if (refused === undefined) return records;
  if (records.length === 0) throw refused;
  const stored = records.map(({ form }) => form).join(" and ");
  for (const { code, message } of refusals) {
    const told = code === "TAG_FORM_IMPOSSIBLE" ? code : "STORAGE_FORM_REFUSED";
    onProgress?.({
      type: "notice",
      level: "warning",
      code: told,
      message: `${image}: stored as ${stored} only: ${message}`,
    });
  }
  return records;
}

// Who may write one form and not the other, may not overwrite tags; who may write nothing is told so at once.
function isRefusal(error: ScError, records: readonly AttachedRecord[]): boolean {
  return formRefusals.has(error.code) || (records.length > 0 && hasCode(error, "REGISTRY_DENIED"));
}

function toldOf(record: AttachedRecord, onProgress: Call["onProgress"]): AttachedRecord {
  const { form, state, manifest, repository } = record;
  const detail = state === "written" ? manifest : `${manifest}, present before`;
  const done = state === "written" ? "done" : "cached";
  onProgress?.({ type: "stage", subject: repository, stage: `store-${form}`, state: done, detail });
  return record;
}
