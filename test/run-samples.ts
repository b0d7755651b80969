import { ScError } from "@sc/model";
import type { SecuredImage, SecureResult } from "@sc/pipeline";
import type { ScanReport } from "@sc/scan";
import { emptyReport, exampleReport, hostileReport, hostileText } from "./report-samples.ts";

const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;

/** What came of an image that was scanned. */
export function secured(image: string, report: ScanReport, more: Partial<SecuredImage> = {}): SecuredImage {
  return {
    image,
    outcome: report.verdict?.outcome ?? "pass",
    digest: digest("9"),
    packages: 214,
    documents: [{ format: "cyclonedx-json", bytes: new Uint8Array(1234) }],
    report,
    records: (["signature", "sbom", "provenance"] as const).map((what, index) => ({
      what,
      form: "bundle",
      state: index === 0 ? "present" : "written",
      manifest: digest("abc"[index] ?? "d"),
      subject: digest("9"),
      repository: "ghcr.io/acme/api",
    })),
    attached: { signatures: 1, sboms: 1, provenances: 1 },
    unstored: [],
    warnings: [],
    ...more,
  };
}

const refused = {
  ...exampleReport,
  policy: "failOn: high",
  verdict: {
    outcome: "violation" as const,
    violations: [{ rule: "severity", message: "3 findings at or above high" }],
    warnings: [],
  },
};

const nothing = { unstored: [], documents: [], records: [], attached: { signatures: 0, sboms: 0, provenances: 0 } };

/** A run as it is every day: one image refused, one passed, one with a warning, one that could not be read. */
export const exampleRun: SecureResult = {
  outcome: "violation",
  images: [
    secured("ghcr.io/acme/api:1.4.2", refused, { stoppedAt: "scan", ...nothing }),
    secured("ghcr.io/acme/web:1.4.2", {
      ...emptyReport,
      policy: "failOn: high",
      subject: { ...emptyReport.subject, repository: "ghcr.io/acme/web" },
    }),
    secured("ghcr.io/acme/job:1.4.2", emptyReport, {
      warnings: [
        { stage: "attach", code: "ATTACH_REFUSED", message: "the registry refused it", hint: "Allow artifacts." },
      ],
    }),
    {
      image: "ghcr.io/acme/gone:1.4.2",
      outcome: "error",
      stoppedAt: "open",
      error: new ScError("IMAGE_NOT_FOUND", "there is no such image"),
      warnings: [],
      ...nothing,
    },
  ],
};

/** A run of images that try everything. */
export const hostileRun: SecureResult = {
  outcome: "violation",
  images: [1, 2].map(() =>
    secured(`evil/${hostileText}`, hostileReport, {
      warnings: [{ stage: "sign", code: "X", message: hostileText, hint: hostileText }],
      error: new ScError("X", hostileText),
      stoppedAt: "scan",
    }),
  ),
};
