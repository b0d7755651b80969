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
  enabled: z.boolean().default(true).describe("Whether results are kept and used again"),
  ttl: span.default("6h").describe("How long a result is believed: 90s, 30m, 6h, 2d"),
  dir: text.optional().describe("A folder; sc's own cache when not said"),
});

const output = z.strictObject({
  local: text.optional().describe("A folder for the result"),
  registry: z.boolean().optional().describe("Whether the result is attached to the image"),
});

const ignoreRule: z.ZodType<IgnoreRule> = z.strictObject({
  id: text.describe("The vulnerability, by its own id or an alias"),
  package: text.optional().describe("Only in the package of this name"),
  path: text.optional().describe("Only where the package was found in this file"),
  reason: text.describe("Why it does not count"),
  expires: z.iso.date().optional().describe("The last day the rule holds"),
});

const tool = z.strictObject({
  name: z.enum(["osv", "grype", "trivy"]).describe("All are served by sc itself with its own advisory database"),
  enabled: z.boolean().default(true).describe("Whether its findings are asked for"),
  required: z.boolean().default(false).describe("Whether a scan by it that cannot be made fails the run"),
  failOn: gate.optional().describe("As scan.failOn; of several the strictest holds"),
  warnOn: gate.optional().describe("As scan.warnOn; of several the strictest holds"),
});

const scan = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether images are scanned"),
  required: z.boolean().default(false).describe("Whether a scan that cannot be made fails the run"),
  tools: z.array(tool).max(3).default([]).describe("The scanners by name; osv alone when none is named"),
  failOn: gate.optional().describe("The severity from which on a finding fails the run"),
  warnOn: gate.optional().describe("The severity from which on a finding is warned of"),
  ignore: z.array(ignoreRule).max(maxItems).default([]).describe("Findings that are accepted, each with a reason"),
  cache: cache.prefault({}).describe("What was found, kept by image, database and options"),
  output: output.prefault({}).describe("Where the result goes"),
});

const signing = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether images are signed"),
  required: z.boolean().default(false).describe("Whether an image that cannot be signed fails the run"),
  keyless: z.boolean().optional().describe("By the identity of the CI job; the default where there is no privateKey"),
  privateKey: text.optional().describe("A path, a key reference, or ${secret:NAME}"),
  publicKey: text
    .optional()
    .describe(
      "What the signature is verified with, the private key's own half unless given; with one key here the private one is opened only to sign",
    ),
  password: text.optional().describe("${secret:NAME}: the password of an encrypted key"),
  verify: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe("Whether what was signed is verified; a failure always fails the run"),
      oidcIssuer: text.optional().describe("The exact issuer of the identity"),
      identity: text.optional().describe("The exact identity in the certificate"),
      identityRegexp: text.optional().describe("A pattern for the whole identity"),
    })
    .prefault({})
    .describe("Whose signature counts"),
});

const documentFormat = z.string().superRefine((format, check) => {
  if (documentFormatIds().includes(format)) return;
  const ids = documentFormatIds().filter((id) => !id.includes("@"));
  const got = JSON.stringify(format.slice(0, 100));
  check.addIssue({ code: "custom", message: `${got} is no document format; wanted one of ${ids.join(", ")}` });
});

const sbom = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether a document of what is in each image is made"),
  required: z.boolean().default(false).describe("Whether a document that cannot be made or attached fails the run"),
  format: documentFormat.default("cyclonedx-json").describe("The format of the document"),
  generator: z.enum(["sc", "syft"]).default("sc").describe("syft is served by sc itself"),
  attach: z
    .union([
      z.boolean(),
      z.strictObject({
        enabled: z.boolean().default(true).describe("Whether the document is attached to the image"),
        sign: z.boolean().default(true).describe("Whether it is attached as a signed attestation"),
      }),
    ])
    .default(true)
    .describe("Whether the document is attached to the image, and how"),
  cache: cache.prefault({ ttl: "24h" }).describe("What is in images, kept by digest and options"),
  output: output.prefault({}).describe("Where the result goes"),
  exclude: z.array(text).max(maxItems).default([]).describe("Patterns of package URLs that are not published"),
});

const provenance = z.strictObject({
  enabled: z.boolean().default(false).describe("Whether the build is described"),
  required: z.boolean().default(false).describe("Whether a provenance that cannot be made or attached fails the run"),
  format: z.enum(["slsa-v1.0", "slsa-v0.2"]).default("slsa-v1.0").describe("The version of the predicate"),
  includeGit: z.boolean().default(true).describe("Whether the git checkout is named as source"),
  includeDocker: z.boolean().default(true).describe("Whether the base images of the Dockerfile are named"),
  output: output.prefault({}).describe("Where the result goes"),
  builder: z
    .strictObject({ id: text.optional().describe("The URI of the builder; told by the CI system when not said") })
    .prefault({})
    .describe("Who builds"),
  metadata: z
    .strictObject({
      includeEnv: z
        .boolean()
        .default(false)
        .describe("Whether the machine that builds is described, as its CI system tells it"),
      includeMaterials: z.boolean().default(true).describe("Whether what the image was built from is named"),
    })
    .prefault({})
    .describe("What else the provenance says"),
});

const reporting = z.strictObject({
  defectdojo: z
    .strictObject({
      enabled: z.boolean().default(false).describe("Whether findings are uploaded"),
      url: text.optional().describe("The address of the server"),
      apiKey: text.optional().describe("${secret:NAME}: the key of a user who may import"),
      engagementId: z.int().positive().optional().describe("The number of an engagement that is there"),
      engagementName: text.optional().describe("The name of an engagement, in the product"),
      productId: z.int().positive().optional().describe("The number of a product that is there"),
      productName: text.optional().describe("The name of a product"),
      testType: z.enum(defectDojoScanTypes).optional().describe("What the upload is read as"),
      environment: text.optional().describe("The environment that the findings are of"),
      tags: z.array(text).max(maxItems).default([]).describe("Tags of the test"),
      autoCreate: z
        .boolean()
        .default(false)
        .describe("Whether a product and an engagement that are not there are made"),
    })
    .prefault({})
    .describe("The upload of what was found to DefectDojo"),
  prComment: z
    .strictObject({
      enabled: z.boolean().default(false).describe("Whether a comment for a pull request is written"),
      output: text.optional().describe("The file that it is written to"),
    })
    .prefault({})
    .describe("A comment for a pull request, in Markdown"),
});

const policy = z.strictObject({
  files: z.array(text).max(maxItems).default([]).describe("Empty: policy files are not read by this version"),
  mode: z
    .enum(["warn", "block", "monitor"])
    .default("block")
    .describe("How what the files say counts; nothing while there are none"),
});

/** The `security:` block: what is left out is off. Section 7 of the requirements. */
export const securitySchema: z.ZodType<SecurityConfig> = z
  .strictObject({
    enabled: z.boolean().default(false).describe("Whether any of it is done"),
    scan: scan.prefault({}).describe("What is known of the packages of each image"),
    signing: signing.prefault({}).describe("A signature of each image"),
    sbom: sbom.prefault({}).describe("A document of what is in each image"),
    provenance: provenance.prefault({}).describe("An attestation of where each image comes from"),
    reporting: reporting.prefault({}).describe("Who is told what was found"),
    policy: policy.prefault({}).describe("Rules from files"),
  })
  .register(z.globalRegistry, { description: "What is done to the images" });

/** A file of accepted findings. */
export const ignoreFileSchema: z.ZodType<{ readonly ignore: readonly IgnoreRule[] }> = z.strictObject({
  ignore: z.array(ignoreRule),
});
