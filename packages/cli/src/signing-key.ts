import { hasCode, ScError } from "@sc/model";
import { type Connection, keylessSigner, namedWitnesses } from "@sc/pipeline";
import { decodeSigningConfig, openSigner, type PublicKey, type Signer, type SigningConfig } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";
import { existing, isThere, writeKeyPair } from "./key-pair-files.ts";
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
  if (!values.flag("keyless")) {
    const wrong = ["identity-token", "fulcio-url"].find((name) => values.isTyped(name));
    if (wrong !== undefined) throw new ScError("CLI_USAGE", `--${wrong} is for --keyless: a key needs no certificate`);
    return await shownToNamed(await openKey(context), context, connection);
  }
  if (values.text("key") !== undefined) throw new ScError("CLI_USAGE", "--keyless and --key exclude each other");
  return await openIdentity(context, connection);
}

/**
 * The same, where `--generate-key` makes the key pair that `--key` names, or `cosign.key`, when neither half is there;
 * one that is there is used as it is and never overwritten. Throws `CLI_USAGE` besides.
 */
export async function openSigningOrGenerate(context: ActionContext, connection: Connection): Promise<Signer> {
  const { values, environment, signal, onProgress } = context;
  if (!values.flag("generate-key")) return await openSigning(context, connection);
  if (values.flag("keyless")) throw new ScError("CLI_USAGE", "--keyless and --generate-key exclude each other");
  const reference = values.text("key") ?? "cosign.key";
  const paths = { privateKey: reference, publicKey: reference.replace(/\.key$/, ".pub") };
  if (paths.publicKey === paths.privateKey || /^[a-z0-9]+:\/\//.test(reference)) {
    throw new ScError(
      "CLI_USAGE",
      `--generate-key: wanted --key with a file that ends in .key, got ${JSON.stringify(reference.slice(0, 200))}`,
    );
  }
  if (await isThere(paths.privateKey))
    return await shownToNamed(await openKey(context, { reference }), context, connection);
  // Half a pair is somebody's: the other half is not made to it.
  if (await isThere(paths.publicKey)) throw existing(paths.publicKey);
  const [{ generateKeyPair }, { newPassword }] = [await import("@sc/sign"), await import("./password.ts")];
  const password = await newPassword(context);
  const pair = await generateKeyPair({ password, algorithm: "ecdsa-p256" });
  await writeKeyPair(pair, paths, context, { force: false });
  const message = `made a key pair: ${paths.privateKey} (encrypted, mode 0600; keep it, and keep it out of git) and ${paths.publicKey}`;
  onProgress({ type: "notice", level: "warning", code: "KEY_GENERATED", message });
  const signer = await openSigner(paths.privateKey, { password, environment: environment.variables, signal });
  return await shownToNamed(signer, context, connection);
}

/**
 * A signer by key that shows what it signs to the logs and timestamp authorities that the options name, and to no other.
 * Throws `CLI_USAGE` where they say something of a log and name none.
 */
export async function shownToNamed(signer: Signer, context: ActionContext, connection: Connection): Promise<Signer> {
  const { values } = context;
  const rekorUrl = values.text("rekor-url");
  const rekorVersion = rekorVersionOf(context);
  const signingConfig = await readSigningConfig(context);
  if (rekorVersion !== undefined && rekorUrl === undefined && signingConfig === undefined)
    throw new ScError("CLI_USAGE", "--rekor-version names no log: with a key, give --rekor-url or --signing-config");
  const timestampUrl = values.text("timestamp-server-url");
  const named = { connection, rekorUrl, rekorVersion, timestampUrl, signingConfig, now: context.now() };
  const witnesses = namedWitnesses(named);
  return witnesses.length === 0 ? signer : { ...signer, witnesses };
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

/** Which key is opened. */
interface OpenKeyOptions {
  /** What `--key` says unless given. */
  readonly reference?: string | undefined;
  /** Its public half, where that is said: the key is then opened when something is signed. */
  readonly publicKey?: PublicKey | undefined;
}

/** The signer that `--key` names. Throws `CLI_USAGE` without one, and what `openSigner` throws. */
export async function openKey(
  context: ActionContext,
  { reference = context.values.text("key"), publicKey }: OpenKeyOptions = {},
): Promise<Signer> {
  const { environment, signal } = context;
  if (reference === undefined) {
    throw new ScError("CLI_USAGE", "--key is missing: there is nothing to sign with", {
      hint: "Make a key with sc key generate, or give --keyless in a CI job.",
    });
  }
  const open = async (password: Uint8Array | undefined): Promise<Signer> =>
    await openSigner(reference, { password, publicKey, environment: environment.variables, signal });
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
