import { Decoder, parseJson, ScError } from "@sc/model";
import { readCsafVex } from "./csaf.ts";
import { readCycloneDxVex } from "./cyclonedx.ts";
import { readOpenVex } from "./openvex.ts";
import type { VexDocument } from "./statement.ts";

/** The most bytes of a VEX document that is read: a whole product line of a large vendor has some 10 MB. */
const maxDocumentBytes = 128 * 1024 * 1024;

/**
 * The statements of a VEX document: OpenVEX, CSAF or CycloneDX, told apart by what is in it. `source` names it in
 * errors and reasons. The signature of a document is not looked at here. Throws `JSON_INVALID`, `DECODE_FAILED` and,
 * for anything else, `VEX_UNKNOWN`.
 */
export function readVex(bytes: Uint8Array, source: string): VexDocument {
  if (bytes.length > maxDocumentBytes) {
    throw new ScError("VEX_UNKNOWN", `${source}: ${bytes.length} bytes, wanted at most ${maxDocumentBytes}`);
  }
  const document = new Decoder(parseJson(bytes, source), source);
  if (document.member("bomFormat").value === "CycloneDX") return readCycloneDxVex(document, source);
  const context = document.member("@context").value;
  if (typeof context === "string" && /^https:\/\/openvex\.dev\/ns(?:\/|$)/.test(context)) {
    return readOpenVex(document, source);
  }
  const head = document.member("document");
  if (!head.absent && !head.member("csaf_version").absent) return readCsafVex(document, source);
  throw new ScError("VEX_UNKNOWN", `${source}: neither OpenVEX, CSAF nor CycloneDX`, {
    hint: "A VEX document says which it is by @context, document.csaf_version or bomFormat.",
  });
}
