import { hasCode, ScError } from "@sc/model";
import { type Connection, keylessSigner } from "@sc/pipeline";
import { decodeSigningConfig, openSigner, type Signer, type SigningConfig } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";
import { rekorVersions } from "./options/signing.ts";
import { givenPassword } from "./password.ts";
import { printable } from "./terminal/printable.ts";

/** The largest signing configuration; that of the public good has two kilobytes. */
const maxConfigBytes = 1024 * 1024;

/** Whether the options name anything to sign with. */
export function isSigningAsked({ values }: ActionContext): boolean {
  return values.text("key") !== undefined || values.flag("keyless");
}

/**
 * What the options say to sign with: a key, or an identity. Throws `CLI_USAGE` where they say nothing or both, and what
 * `openSigner` and `keylessSigner` throw.
 */
export async function openSigning(context: ActionContext, connection: Connection): Promise<Signer> {
  const { values } = context;
  if (!values.flag("keyless")) return await openKey(context);
  if (values.text("key") !== undefined) throw new ScError("CLI_USAGE", "--keyless and --key exclude each other");
  return await openIdentity(context, connection);
}

/** The signer by the identity of this job or of the token that the options give. Throws `IDENTITY_NOT_FOUND`. */
export async function openIdentity(context: ActionContext, connection: Connection): Promise<Signer> {
  const { values, environment } = context;
  const identityToken = values.text("identity-token");
  if (identityToken !== undefined) context.hide(identityToken);
  return keylessSigner({
    connection,
    environment: environment.variables,
    identityToken,
    fulcioUrl: values.text("fulcio-url"),
    rekorUrl: values.text("rekor-url"),
    rekorVersion: rekorVersionOf(context),
    timestampUrl: values.text("timestamp-server-url"),
    signingConfig: await readSigningConfig(context),
    now: context.now(),
  });
}

function rekorVersionOf({ values }: ActionContext): 1 | 2 | undefined {
  const version = values.choice("rekor-version", rekorVersions);
  if (version === undefined) return undefined;
  return version === "2" ? 2 : 1;
}

async function readSigningConfig({ values }: ActionContext): Promise<SigningConfig | undefined> {
  const path = values.text("signing-config");
  if (path === undefined) return undefined;
  return decodeSigningConfig(await readUserFile(path, { maxBytes: maxConfigBytes }), path);
}

/** The signer that `--key` names. Throws `CLI_USAGE` without one, and what `openSigner` throws. */
export async function openKey(context: ActionContext): Promise<Signer> {
  const { values, environment, signal } = context;
  const reference = values.text("key");
  if (reference === undefined) {
    throw new ScError("CLI_USAGE", "--key is missing: there is nothing to sign with", {
      hint: "Make a key with sc key generate, or give --keyless in a CI job.",
    });
  }
  const open = async (password: Uint8Array | undefined): Promise<Signer> =>
    await openSigner(reference, { password, environment: environment.variables, signal });
  const password = await givenPassword(context);
  try {
    return await open(password);
  } catch (error) {
    if (password !== undefined || !hasCode(error, "KEY_PASSWORD_WRONG")) throw error;
    const asked = await context.askSecret(`Password of ${printable(reference)}: `);
    if (asked === undefined) throw error;
    return await open(Buffer.from(asked));
  }
}
