/** What DefectDojo calls the reports it can read, and which of ours is one. */
export const reportOfScanType: Readonly<Record<string, string>> = {
  "Trivy Scan": "trivy-json",
  "Anchore Grype": "grype-json",
  SARIF: "sarif",
  "CycloneDX Scan": "cyclonedx-vex",
  "OSV Scan": "osv-json",
};

/** The scan types that `testType` may name. */
export const defectDojoScanTypes: readonly string[] = Object.keys(reportOfScanType);

/** Where findings go in DefectDojo: an engagement by its id, or product and engagement by name. */
export interface DefectDojoTarget {
  /** The server's address. */
  readonly url: string;
  readonly apiKey: string;
  readonly engagementId?: number | undefined;
  readonly engagementName?: string | undefined;
  readonly productId?: number | undefined;
  readonly productName?: string | undefined;
  /** DefectDojo's name of the report's form; "Trivy Scan" unless given. */
  readonly testType?: string | undefined;
  /** Development, Staging, Production or whatever the server knows. */
  readonly environment?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Whether product, engagement and environment may be made where they are missing. */
  readonly autoCreate?: boolean | undefined;
}

/** The fields of a form by DefectDojo's names; a list is a field that comes several times. */
export type UploadFields = Readonly<Record<string, string | readonly string[]>>;

/** Fields and a JSON file as `multipart/form-data` (RFC 7578). */
export async function multipart(
  fields: UploadFields,
  file: { readonly name: string; readonly text: string },
): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
  const form = new FormData();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of typeof values === "string" ? [values] : values) form.append(name, value);
  }
  form.append("file", new File([file.text], file.name, { type: "application/json" }));
  const encoded = new Response(form);
  const type = encoded.headers.get("content-type") ?? "";
  return { type, bytes: new Uint8Array(await encoded.arrayBuffer()) };
}
