import { documentFormatIds } from "@sc/sbom";
import { z } from "zod";
import { type Gate, type IgnoreRule, type SecurityConfig } from "./security-config.ts";
import { defectDojoScanTypes } from "../reporting/defectdojo-fields.ts";

/** The longest text in a configuration: paths, addresses and identities are far shorter. */
const maxTextLength = 4096;

/** More rules, tools or patterns than this nobody reads; each costs time at every image. */
const maxItems = 1000;

const gates: readonly Gate[] = ["critical", "high", "medium", "low"];

const text = z.string().min(1).max(maxTextLength);
const gate = z.enum(gates);
const span = z.string().regex(/^\d{1,6}[smhd]$/, "wanted a span such as 90s, 30m, 6h or 2d");

const cache = z.strictObject({
  enabled: z.boolean().default(true),
  ttl: span.default("6h").describe("How long a result is believed: 90s, 30m, 6h, 2d"),
  dir: text.optional().describe("A folder; sc's own cache when not said"),
});

const output = z
  .strictObject({
    local: text.optional().describe("A folder for the result"),
    registry: z.boolean().optional().describe("Whether the result is attached to the image"),
  })
  .prefault({});

const ignoreRule: z.ZodType<IgnoreRule> = z.strictObject({
  id: text.describe("The vulnerability, by its own id or an alias"),
  package: text.optional().describe("Only in the package of this name"),
  path: text.optional().describe("Only where the package was found in this file"),
  reason: text.describe("Why it does not count"),
  expires: z.iso.date().optional().describe("The last day the rule holds"),
});

const tool = z.strictObject({
  name: z.enum(["osv", "grype", "trivy"]).describe("All are served by sc itself with its own advisory database"),
  enabled: z.boolean().default(true),
  required: z.boolean().default(false),
  failOn: gate.optional(),
  warnOn: gate.optional(),
});

const scan = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false).describe("Whether a scan that cannot be made fails the run"),
  tools: z.array(tool).max(3).default([]),
  failOn: gate.optional().describe("The severity from which on a finding fails the run"),
  warnOn: gate.optional().describe("The severity from which on a finding is warned of"),
  ignore: z.array(ignoreRule).max(maxItems).default([]),
  cache: cache.prefault({}),
  output,
});

const signing = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false).describe("Whether an image that cannot be signed fails the run"),
  keyless: z.boolean().optional().describe("By the identity of the CI job; the default where there is no privateKey"),
  privateKey: text.optional().describe("A path, a key reference, or ${secret:NAME}"),
  publicKey: text.optional().describe("What the signature is verified with; the private key's own unless given"),
  password: text.optional().describe("${secret:NAME}: the password of an encrypted key"),
  verify: z
    .strictObject({
      enabled: z.boolean().default(true),
      oidcIssuer: text.optional().describe("The exact issuer of the identity"),
      identity: text.optional().describe("The exact identity in the certificate"),
      identityRegexp: text.optional().describe("A pattern for the whole identity"),
    })
    .prefault({}),
});

const documentFormat = z.string().superRefine((format, check) => {
  if (documentFormatIds().includes(format)) return;
  const ids = documentFormatIds().filter((id) => !id.includes("@"));
  const got = JSON.stringify(format.slice(0, 100));
  check.addIssue({ code: "custom", message: `${got} is no document format; wanted one of ${ids.join(", ")}` });
});

const sbom = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false).describe("Whether a document that cannot be made or attached fails the run"),
  format: documentFormat.default("cyclonedx-json"),
  generator: z.enum(["sc", "syft"]).default("sc").describe("syft is served by sc itself"),
  attach: z
    .union([z.boolean(), z.strictObject({ enabled: z.boolean().default(true), sign: z.boolean().default(true) })])
    .default(true),
  cache: cache.prefault({ ttl: "24h" }),
  output,
  exclude: z.array(text).max(maxItems).default([]).describe("Patterns of package URLs that are not published"),
});

const provenance = z.strictObject({
  enabled: z.boolean().default(false),
  required: z.boolean().default(false).describe("Whether a provenance that cannot be made or attached fails the run"),
  format: z.enum(["slsa-v1.0", "slsa-v0.2"]).default("slsa-v1.0"),
  includeGit: z.boolean().default(true).describe("Whether the git checkout is named as source"),
  includeDocker: z.boolean().default(true).describe("Whether the base images of the Dockerfile are named"),
  output,
  builder: z.strictObject({ id: text.optional() }).prefault({}),
  metadata: z
    .strictObject({ includeEnv: z.boolean().default(false), includeMaterials: z.boolean().default(true) })
    .prefault({}),
});

const reporting = z.strictObject({
  defectdojo: z
    .strictObject({
      enabled: z.boolean().default(false),
      url: text.optional(),
      apiKey: text.optional().describe("${secret:NAME}"),
      engagementId: z.int().positive().optional(),
      engagementName: text.optional(),
      productId: z.int().positive().optional(),
      productName: text.optional(),
      testType: z.enum(defectDojoScanTypes).optional(),
      environment: text.optional(),
      tags: z.array(text).max(maxItems).default([]),
      autoCreate: z.boolean().default(false),
    })
    .prefault({}),
  prComment: z.strictObject({ enabled: z.boolean().default(false), output: text.optional() }).prefault({}),
});

const policy = z.strictObject({
  files: z.array(text).max(maxItems).default([]).describe("empty: policy files are not read by this version"),
  mode: z
    .enum(["warn", "block", "monitor"])
    .default("block")
    .describe("how what the files say counts; nothing while there are none"),
});

/** The `security:` block: what is left out is off. Section 7 of the requirements. */
export const securitySchema: z.ZodType<SecurityConfig> = z.strictObject({
  enabled: z.boolean().default(false),
  scan: scan.prefault({}),
  signing: signing.prefault({}),
  sbom: sbom.prefault({}),
  provenance: provenance.prefault({}),
  reporting: reporting.prefault({}),
  policy: policy.prefault({}),
});

/** A file of accepted findings. */
export const ignoreFileSchema: z.ZodType<{ readonly ignore: readonly IgnoreRule[] }> = z.strictObject({
  ignore: z.array(ignoreRule),
});
