import { isScError } from "@sc/model";
import { VerificationError } from "@sc/sign";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { rowOf } from "../exit-code.ts";
import { writeUserFile } from "../files.ts";
import { type ImageVerification, type Presence, type VerificationAsked, verifyOne } from "../image-verification.ts";
import { namedImages } from "../named-images.ts";
import { formatVerification, isPassed, type Verified } from "../verification-text.ts";
import { signerPolicy } from "../verifying.ts";

/** Verifies every image; a table, and for each refused image what was found and why it does not count. */
export async function verifyImages(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const images = namedImages(context);
  const policy = await signerPolicy(context);
  const checkAsked = values.text("severity") !== undefined && !values.flag("no-vuln-check");
  await using connection = await connect(context, images);
  // Loaded only when asked for: it brings the scanner and every cataloger, which is most of the program.
  await using check = checkAsked
    ? await (await import("../vulnerability-check.ts")).openVulnerabilityCheck(context, connection)
    : undefined;
  const results = await verifyEach(images, { policy, connection, check }, context);
  const [only] = results;
  // What is no answer about a signature is told in the usual form, unless other images have their answers.
  if (results.length === 1 && only !== undefined && "error" in only && only.exit !== 1) throw only.error;
  const failed = results.filter((result) => !isPassed(result));
  const report = {
    images: results.map(imageReport),
    verified: results.length - failed.length,
    offline: values.flag("offline"),
    ...(policy.trustRoot === undefined ? {} : { trustRoot: policy.trustRoot.description }),
  };
  const path = values.text("report");
  if (path !== undefined) {
    const outcome = failed.length === 0 ? "pass" : "violation";
    const document = JSON.stringify({ schema: "urn:sc:image-verify:1", outcome, ...report }, undefined, 2);
    await writeUserFile(path, Buffer.from(`${document}\n`));
    context.wrote(path);
  }
  // An image that was looked at and refused is the answer; only where there is none, what could not be looked at is.
  const exits = failed.map((result) => ("error" in result ? result.exit : 1));
  const exitCode = exits.includes(1) ? undefined : exits[0];
  return {
    outcome: failed.length === 0 ? "pass" : "violation",
    ...(exitCode === undefined ? {} : { exitCode }),
    report,
    text: () => formatVerification(results, { policy, style, offline: values.flag("offline"), asked: images.length }),
  };
}

async function verifyEach(
  images: readonly string[],
  asked: VerificationAsked,
  context: ActionContext,
): Promise<readonly Verified[]> {
  const results: Verified[] = [];
  for (const image of images) {
    const result = await verifyCaught(image, asked, context);
    results.push(result);
    if (context.values.flag("fail-fast") && !isPassed(result)) break;
  }
  return results;
}

async function verifyCaught(image: string, asked: VerificationAsked, context: ActionContext): Promise<Verified> {
  try {
    return await verifyOne(image, asked, context);
  } catch (error) {
    context.signal.throwIfAborted();
    return { image, error, exit: rowOf(error).exit };
  }
}

function imageReport(result: Verified): object {
  const { image } = result;
  if (!("error" in result)) return verifiedReport(result);
  const { error } = result;
  const code = isScError(error) ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  const candidates = error instanceof VerificationError ? error.verdicts : [];
  return { image, verified: false, passed: false, error: { code, message }, candidates };
}

function verifiedReport(result: ImageVerification): object {
  const { image, value, attestations, vulnerabilities, consumers, refusals } = result;
  return {
    image,
    verified: true,
    passed: isPassed(result),
    ...(refusals.length === 0 ? {} : { refusals }),
    digest: value.descriptor.digest,
    signatures: value.signatures,
    sbom: presenceReport(attestations.sbom),
    provenance: presenceReport(attestations.provenance),
    ...(vulnerabilities === undefined ? {} : { vulnerabilities }),
    consumers,
    candidates: value.verdicts,
  };
}

function presenceReport(found: Presence): object {
  if (found.state !== "verified") return found;
  const attestations = found.statements.map(({ statement, manifest, form, facts }) => ({
    predicateType: statement.predicateType,
    form,
    manifest,
    signature: facts,
  }));
  return { state: "verified", attestations };
}
