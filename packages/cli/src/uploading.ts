import { ScError } from "@sc/model";
import { uploadedBuild, uploadToDefectDojo } from "@sc/pipeline";
import type { ScanReport } from "@sc/scan";
import type { ActionContext } from "./command.ts";
import { connectServices } from "./connect.ts";
import { printable } from "./terminal/printable.ts";

/** Uploads the findings where that is asked. Throws `CLI_USAGE` and what `uploadToDefectDojo` throws. */
export async function uploadFindings(report: ScanReport, context: ActionContext): Promise<void> {
  const { values, environment, signal, onProgress } = context;
  if (!values.flag("upload-defectdojo")) return;
  await using connection = await connectServices(context);
  const target = {
    url: wanted("defectdojo-url", values.text("defectdojo-url")),
    apiKey: wanted("defectdojo-api-key", values.text("defectdojo-api-key")),
    engagementId: values.count("defectdojo-engagement-id"),
    engagementName: values.text("defectdojo-engagement-name"),
    productId: values.count("defectdojo-product-id"),
    productName: values.text("defectdojo-product-name"),
    testType: values.text("defectdojo-test-type"),
    environment: values.text("defectdojo-environment"),
    tags: values.texts("defectdojo-tags"),
    autoCreate: values.flag("defectdojo-auto-create"),
  };
  const plainHttp = values.texts("plain-http");
  const { reimported, url } = await uploadToDefectDojo(report, target, {
    client: connection.client,
    plainHttp,
    build: uploadedBuild(environment.variables),
    signal,
  });
  context.wrote(printable(url));
  const message = `${report.findings.length} findings ${reimported ? "brought up to date" : "imported"} in DefectDojo: ${url}`;
  onProgress({ type: "notice", level: "info", code: "FINDINGS_UPLOADED", message });
}

function wanted(name: string, value: string | undefined): string {
  if (value !== undefined && value !== "") return value;
  throw new ScError("CLI_USAGE", `--${name} is missing: --upload-defectdojo needs it`, {
    hint: `Give --${name}, or set SC_${name.toUpperCase().replaceAll("-", "_")}.`,
  });
}
