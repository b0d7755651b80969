import { hasCode, ScError } from "@sc/model";
import { type Connection, type OpenedSigning, type SecurityConfig } from "@sc/pipeline";
import { type IdentityPolicy, openSigner, type PublicKey, readPublicKeys, type Signer } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { configuredText } from "./configured-text.ts";
import { givenPassword } from "./password.ts";
import { openIdentity, openKey, shownToNamed } from "./signing-key.ts";
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
  const keys = signing.verify.enabled ? await namedKeys(signing, context, connection) : undefined;
  const opened = await openSigner(isKey ? `env://${secretKeyVariable}` : key, {
    password,
    publicKey: onlyKey(keys),
    environment: variables,
    signal,
  });
  const signer = await shownToNamed(opened, context, connection);
  return signing.verify.enabled ? verifiedBy(signer, keys) : { signer };
}

/**
 * With what the options alone sign: `--key`, verified by `--public-key` or else by its own public half. Throws what opening
 * either throws.
 */
export async function openNamed(context: ActionContext, connection: Connection): Promise<OpenedSigning> {
  const keys = await namedKeys({}, context, connection);
  const opened = await openKey(context, { publicKey: onlyKey(keys) });
  return verifiedBy(await shownToNamed(opened, context, connection), keys);
}

function verifiedBy(signer: Signer, named: readonly PublicKey[] | undefined): OpenedSigning {
  const keys = named ?? (signer.publicKey === undefined ? undefined : [signer.publicKey]);
  return keys === undefined ? { signer } : { signer, verify: { keys } };
}

async function passwordOf({ password }: SigningConfig, context: ActionContext): Promise<Uint8Array | undefined> {
  if (password === undefined) return await givenPassword(context);
  return Buffer.from(await configuredText(password, "security.signing.password", context));
}

// Whose signatures count, where that is said.
async function namedKeys(
  { publicKey }: Partial<Pick<SigningConfig, "publicKey">>,
  { values, environment, signal }: ActionContext,
  { client }: Connection,
): Promise<readonly PublicKey[] | undefined> {
  const named = values.text("public-key") ?? publicKey;
  return named === undefined
    ? undefined
    : await readPublicKeys(named, { environment: environment.variables, signal, client });
}

// The one key whose signatures count: what it signed is signed, and the private key is not opened for it. Of several any may
// be that of an earlier time, and of one with a validity the time of the signature counts as well.
function onlyKey(keys: readonly PublicKey[] | undefined): PublicKey | undefined {
  const [key, another] = keys ?? [];
  return another === undefined && key?.validity === undefined ? key : undefined;
}
