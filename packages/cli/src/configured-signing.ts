import { hasCode, ScError } from "@sc/model";
import { type Connection, type OpenedSigning, type SecurityConfig } from "@sc/pipeline";
import { type IdentityPolicy, openSigner, readPublicKeys, type Signer, type SignerPolicy } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { configuredText } from "./configured-text.ts";
import { givenPassword } from "./password.ts";
import { openIdentity, shownToNamed } from "./signing-key.ts";
import { trustRoot } from "./trusting.ts";

type SigningConfig = SecurityConfig["signing"];

/** The variable under which a key that a secret holds is handed to the signer; never set in the process. */
const secretKeyVariable = "SC_CONFIGURED_KEY";

/**
 * With what a configuration signs, and whose signature counts: an identity or a key; the key, with a notice, where an
 * identity is wanted first and there is none. `--key` and `--keyless` go before the configuration. Throws what opening
 * either throws, and `CONFIG_VALUE_MISSING`.
 */
export async function openConfigured(
  signing: SigningConfig,
  context: ActionContext,
  connection: Connection,
): Promise<OpenedSigning> {
  const { values, onProgress } = context;
  const key = values.text("key") ?? signing.privateKey;
  const keyless =
    values.flag("keyless") || (values.text("key") === undefined && (signing.keyless ?? key === undefined));
  if (!keyless) return await openByKey(signing, key ?? "", { context, connection });
  try {
    return await openByIdentity(signing, context, connection);
  } catch (error) {
    if (key === undefined || !hasCode(error, "IDENTITY_NOT_FOUND")) throw error;
    const message = `${error.message}: signed with the key instead`;
    onProgress({ type: "notice", level: "warning", code: "IDENTITY_NOT_FOUND", message });
    return await openByKey(signing, key, { context, connection });
  }
}

async function openByIdentity(
  { verify, privateKey }: SigningConfig,
  context: ActionContext,
  connection: Connection,
): Promise<OpenedSigning> {
  const signer = await openIdentity(context, connection);
  // Where a key could serve instead, whether there is an identity must be known before anything is signed.
  if (privateKey !== undefined) await signer.sign(new Uint8Array(), { signal: context.signal });
  if (!verify.enabled) return { signer };
  const root = await trustRoot(context);
  const identity = identityOf(verify);
  return identity === undefined
    ? { signer, ownIdentity: root }
    : { signer, verify: { identities: [identity], trustRoot: root, now: context.now() } };
}

function identityOf({ identity, identityRegexp, oidcIssuer }: SigningConfig["verify"]): IdentityPolicy | undefined {
  if (oidcIssuer === undefined) return undefined;
  if (identity !== undefined) return { subject: identity, issuer: oidcIssuer };
  try {
    return identityRegexp === undefined ? undefined : { subject: new RegExp(identityRegexp), issuer: oidcIssuer };
  } catch (cause) {
    const shown = JSON.stringify(identityRegexp?.slice(0, 200));
    throw new ScError("CONFIG_INVALID", `security.signing.verify.identityRegexp: ${shown} is no regular expression`, {
      cause,
    });
  }
}

async function openByKey(
  signing: SigningConfig,
  reference: string,
  { context, connection }: { readonly context: ActionContext; readonly connection: Connection },
): Promise<OpenedSigning> {
  const { environment, signal } = context;
  const key = await configuredText(reference, "security.signing.privateKey", context);
  const password = await passwordOf(signing, context);
  const isKey = key.includes("-----BEGIN");
  const variables = isKey ? { ...environment.variables, [secretKeyVariable]: key } : environment.variables;
  const opened = await openSigner(isKey ? `env://${secretKeyVariable}` : key, {
    password,
    environment: variables,
    signal,
  });
  const signer = await shownToNamed(opened, context, connection);
  const policy = signing.verify.enabled ? await keyPolicy(signing, signer, context) : undefined;
  return policy === undefined ? { signer } : { signer, verify: policy };
}

async function passwordOf({ password }: SigningConfig, context: ActionContext): Promise<Uint8Array | undefined> {
  if (password === undefined) return await givenPassword(context);
  return Buffer.from(await configuredText(password, "security.signing.password", context));
}

async function keyPolicy(
  { publicKey }: SigningConfig,
  signer: Signer,
  { environment, signal }: ActionContext,
): Promise<SignerPolicy | undefined> {
  if (publicKey !== undefined) {
    return { keys: await readPublicKeys(publicKey, { environment: environment.variables, signal }) };
  }
  return signer.publicKey === undefined ? undefined : { keys: [signer.publicKey] };
}
