import { type Connection, type OpenedSigning, secure, type SecurePlan } from "@sc/pipeline";
import type { Signer } from "@sc/sign";
import type { ActionContext, ActionResult } from "./command.ts";
import { ScError } from "@sc/model";
import { inventoryOptions } from "./reading.ts";
import { documents, provenancePart } from "./secure-plan.ts";
import { imageLines, runResult, summaryLines } from "./secure-report.ts";
import { trustRoot } from "./trusting.ts";

/** Whether more is asked for than a signature. */
export function isChainAsked({ values }: ActionContext): boolean {
  return ["sbom", "provenance", "verify", "fail-fast"].some((name) => values.flag(name));
}

/** What is signed, and with what. */
export interface SignChainParts {
  readonly images: readonly string[];
  readonly connection: Connection;
  readonly signer: Signer;
}

/**
 * Signs images and does what else is asked for, by the same chain as `sc secure`: everything that is asked for must
 * hold. Throws `CLI_USAGE` for options that only a signature alone has.
 */
export async function signChain(context: ActionContext, parts: SignChainParts): Promise<ActionResult> {
  const { values, signal, onProgress, style } = context;
  for (const name of ["annotation", "recursive", "storage"] as const) {
    if (!values.isGiven(name)) continue;
    throw new ScError("CLI_USAGE", `--${name} goes with a signature alone`, {
      hint: "Leave it out, or sign first and do the rest with a second command.",
    });
  }
  const { connection } = parts;
  const result = await secure(await planOf(context, parts), { connection, signal, onProgress });
  return {
    ...runResult(result),
    text: () =>
      [...result.images.flatMap((one) => imageLines(one, style)), ...summaryLines(result, [], style)].join("\n"),
  };
}

async function planOf(context: ActionContext, parts: SignChainParts): Promise<SecurePlan> {
  const { values } = context;
  const asked = { enabled: true, format: "slsa-v1.0", includeGit: true, includeDocker: true, required: true } as const;
  const described = { ...asked, output: {}, builder: {}, metadata: { includeEnv: false, includeMaterials: true } };
  const sbom = { required: true, formats: ["cyclonedx-json"], attach: true, sign: true, ...documents(context) };
  return {
    images: parts.images,
    jobs: values.count("jobs"),
    failFast: values.flag("fail-fast"),
    inventory: inventoryOptions(context),
    artifactRepository: values.text("artifact-repository"),
    now: context.now(),
    signing: { required: true, ...(await openedBy(parts.signer, context)) },
    ...(values.flag("sbom") ? { sbom } : {}),
    ...(values.flag("provenance")
      ? { provenance: provenancePart(described, context, { connection: parts.connection, folder: "." }) }
      : {}),
  };
}

// A key verifies by its public half; an identity by the certificate that was just signed with.
async function openedBy(signer: Signer, context: ActionContext): Promise<OpenedSigning> {
  if (!context.values.flag("verify")) return { signer };
  if (signer.publicKey !== undefined) return { signer, verify: { keys: [signer.publicKey] } };
  return { signer, ownIdentity: await trustRoot(context) };
}
