import { isScError, shortDigest } from "@sc/model";
import { verify } from "@sc/pipeline";
import {
  type CandidateVerdict,
  type SignerPolicy,
  VerificationError,
  type VerifiedImage,
  type VerifiedSigner,
} from "@sc/sign";
import { readAnnotations } from "../annotations.ts";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { displayCode, rowOf } from "../exit-code.ts";
import { writeUserFile } from "../files.ts";
import { printable, wrap } from "../terminal/printable.ts";
import { formatCount } from "../terminal/quantity.ts";
import type { Style } from "../terminal/style.ts";
import { formatTable } from "../terminal/table.ts";
import { signerPolicy } from "../verifying.ts";

/** What came of one image: it is verified, or why not. */
type Verified = { readonly image: string } & (
  | { readonly value: VerifiedImage }
  | { readonly error: unknown; readonly exit: 1 | 2 | 3 | 4 }
);

/** Verifies every image; a table, and for each refused image what was found and why it does not count. */
export async function verifyImages(context: ActionContext): Promise<ActionResult> {
  const { values, style } = context;
  const images = values.texts("image");
  const policy = await signerPolicy(context);
  const results = await verifyEach(images, policy, context);
  const [only] = results;
  // What is no answer about a signature is told in the usual form, unless other images have their answers.
  if (results.length === 1 && only !== undefined && "error" in only && only.exit !== 1) throw only.error;
  const failed = results.flatMap((result) => ("error" in result ? [result] : []));
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
  const refused = failed.some(({ exit }) => exit === 1);
  return {
    outcome: failed.length === 0 ? "pass" : "violation",
    ...(failed.length === 0 || refused ? {} : { exitCode: failed[0]?.exit ?? 4 }),
    report,
    text: () => formatResults(results, { policy, style, offline: values.flag("offline"), asked: images.length }),
  };
}

async function verifyEach(
  images: readonly string[],
  policy: SignerPolicy,
  context: ActionContext,
): Promise<readonly Verified[]> {
  const { values, signal, onProgress } = context;
  const annotations = readAnnotations(values.texts("annotation"));
  const artifactRepository = values.text("artifact-repository");
  await using connection = await connect(context, images);
  const results: Verified[] = [];
  for (const image of images) {
    try {
      const asked = { ...policy, annotations, all: true };
      results.push({
        image,
        value: await verify(image, asked, { connection, signal, onProgress, artifactRepository }),
      });
    } catch (error) {
      signal.throwIfAborted();
      results.push({ image, error, exit: rowOf(error).exit });
      if (values.flag("fail-fast")) break;
    }
  }
  return results;
}

function imageReport(result: Verified): object {
  const { image } = result;
  if ("value" in result) {
    const { value } = result;
    return {
      image,
      verified: true,
      digest: value.descriptor.digest,
      signatures: value.signatures,
      candidates: value.verdicts,
    };
  }
  const { error } = result;
  const code = isScError(error) ? error.code : "UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  const candidates = error instanceof VerificationError ? error.verdicts : [];
  return { image, verified: false, error: { code, message }, candidates };
}

interface Shown {
  readonly policy: SignerPolicy;
  readonly style: Style;
  readonly offline: boolean;
  readonly asked: number;
}

function formatResults(results: readonly Verified[], shown: Shown): string {
  const { policy, style, offline, asked } = shown;
  const rows = results.map((result) => {
    const ok = "value" in result;
    return [ok ? style.good : style.bad, printable(result.image), ok ? "yes" : "no", signedBy(result)];
  });
  const look = (text: string, row: number, column: number): string =>
    column === 0 ? style.paint(rows[row]?.[2] === "yes" ? "good" : "bad", text) : text;
  const columns = [
    { title: " " },
    { title: "IMAGE", flexible: true },
    { title: "SIGNED" },
    { title: "BY", flexible: true },
  ] as const;
  const blocks = [formatTable(columns, rows, { style, look })];
  for (const result of results)
    if ("error" in result) blocks.push(["", ...refusalLines(result.image, result.error, style)]);
  const verified = results.filter((result) => "value" in result).length;
  const trust =
    policy.trustRoot === undefined
      ? formatCount(policy.keys?.length ?? 0, "key")
      : `trust root: ${policy.trustRoot.description}`;
  const skipped = asked - results.length;
  const facts = [
    `${verified} of ${asked} verified`,
    ...(skipped === 0 ? [] : [`${skipped} not looked at`]),
    printable(trust),
    offline ? "offline" : "online",
  ];
  return [...blocks.flat(), "", facts.join(` ${style.dot} `)].join("\n");
}

function signedBy(result: Verified): string {
  if ("value" in result) {
    const [first, ...others] = result.value.signatures.map(({ facts }) => signerName(facts.signer));
    const more = new Set(others.filter((other) => other !== first)).size;
    return `${first ?? ""}${more === 0 ? "" : ` and ${more} more`}`;
  }
  const { error } = result;
  if (!(error instanceof VerificationError)) return isScError(error) ? displayCode(error.code) : "failed";
  const count = error.verdicts.filter(({ code }) => code !== "PREDICATE_TYPE_MISMATCH").length;
  if (count === 0) return "no signature";
  return count === 1 ? "1 signature, not accepted" : `${count} signatures, none accepted`;
}

function signerName(signer: VerifiedSigner): string {
  return signer.kind === "key" ? `key ${signer.keyId.slice(0, 19)}` : printable(signer.subject);
}

function refusalLines(image: string, error: unknown, style: Style): readonly string[] {
  const code = isScError(error) ? `${displayCode(error.code)}  ` : "";
  const lines = [`${style.paint("bad", style.bad)} ${code}${printable(image)}`];
  const verdicts = error instanceof VerificationError ? error.verdicts : [];
  const shown = verdicts.filter(({ code: why }) => why !== "PREDICATE_TYPE_MISMATCH");
  if (shown.length === 0) lines.push(...indented(error instanceof Error ? error.message : String(error), style));
  for (const [index, verdict] of shown.slice(0, 10).entries()) {
    lines.push(...candidateLines(verdict, { style, title: `signature ${index + 1} of ${shown.length}` }));
  }
  if (shown.length > 10) lines.push(`  and ${shown.length - 10} more`);
  return lines;
}

function candidateLines(
  verdict: CandidateVerdict,
  { style, title }: { readonly style: Style; readonly title: string },
): readonly string[] {
  const { form, manifest, code, message = "", facts = {}, checks } = verdict;
  const place = manifest === undefined ? "" : `, in ${shortDigest(manifest)}`;
  const lines = [`  ${title}, ${form}${place}`, ...indented(`${displayCode(code ?? "")}: ${message}`, style, 4)];
  for (const [label, text] of Object.entries(facts))
    lines.push(`    ${printable(label).padEnd(16)} ${printable(text)}`);
  if (checks.length > 0)
    lines.push(`    ${"checked".padEnd(16)} ${checks.map((check) => `${check} ok`).join(` ${style.dot} `)}`);
  return lines;
}

function indented(text: string, style: Style, indent = 2): readonly string[] {
  return wrap(printable(text), style.columns - indent).map((line) => " ".repeat(indent) + line);
}
