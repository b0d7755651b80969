import { ScError } from "@sc/model";
import { decodeTrustRoot, loadPublicGoodRoot, readPublicKeys, type SignerPolicy, type TrustRoot } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";

/** The largest trusted root in use has some ten kilobytes. */
const maxRootBytes = 4 * 1024 * 1024;

/** Who may have signed, by the options. Throws `CLI_USAGE` and what reading keys and trust roots throws. */
export async function signerPolicy(context: ActionContext): Promise<SignerPolicy> {
  const { values, environment, signal } = context;
  const references = values.texts("key");
  const identity = identityPolicy(context);
  if (references.length > 0 && identity !== undefined) {
    throw new ScError("CLI_USAGE", "--key and an identity exclude each other");
  }
  if (references.length > 0) {
    const options = { environment: environment.variables, signal };
    const keys = await Promise.all(references.map(async (reference) => await readPublicKeys(reference, options)));
    const given = values.text("trusted-root") !== undefined;
    return { keys: keys.flat(), now: context.now(), ...(given ? { trustRoot: await trustRoot(context) } : {}) };
  }
  if (identity !== undefined)
    return { identities: [identity], trustRoot: await trustRoot(context), now: context.now() };
  throw new ScError("CLI_USAGE", "nobody is named whose signature counts", {
    hint: "Give --key PUBLIC-KEY, or --certificate-identity NAME with --oidc-issuer URL.",
  });
}

function identityPolicy({
  values,
}: ActionContext): { readonly subject: string | RegExp; readonly issuer: string } | undefined {
  const exact = values.text("certificate-identity");
  const pattern = values.text("identity-regexp");
  const issuer = values.text("oidc-issuer");
  if (exact === undefined && pattern === undefined && issuer === undefined) return undefined;
  if ((exact === undefined) === (pattern === undefined) || issuer === undefined) {
    throw new ScError("CLI_USAGE", "an identity is --certificate-identity or --identity-regexp, and --oidc-issuer", {
      hint: "A name alone proves nothing: any issuer could have given it.",
    });
  }
  return { subject: exact ?? readPattern(pattern ?? ""), issuer };
}

function readPattern(text: string): RegExp {
  try {
    return new RegExp(text, "v");
  } catch (cause) {
    throw new ScError(
      "CLI_USAGE",
      `--identity-regexp: ${JSON.stringify(text.slice(0, 200))} is no regular expression`,
      { cause },
    );
  }
}

async function trustRoot(context: ActionContext): Promise<TrustRoot> {
  const path = context.values.text("trusted-root");
  if (path === undefined) return await loadPublicGoodRoot();
  return decodeTrustRoot(await readUserFile(path, { maxBytes: maxRootBytes }), path);
}
