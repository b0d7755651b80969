import {
  createKeylessSigner,
  createRekorWitness,
  createTimestampWitness,
  type Environment,
  findIdentitySource,
  type Signer,
  type Witness,
} from "@sc/sign";
import type { Connection } from "./connect.ts";

/** How an image is signed by identity. */
export interface KeylessOptions {
  readonly connection: Connection;
  /** Where the identity of the place the process runs in is looked for. */
  readonly environment: Environment;
  /** The identity token itself, for the audience `sigstore`; looked for in the environment when not given. */
  readonly identityToken?: string | undefined;
  /** The certificate authority; the public good's when not said. */
  readonly fulcioUrl?: string | undefined;
  /** The transparency log; the public good's when not said. */
  readonly rekorUrl?: string | undefined;
  /** The log's interface; 1 when not said, which is the one that cosign's tags can carry. */
  readonly rekorVersion?: 1 | 2 | undefined;
  /** A timestamp authority, beside the log. A log of version 2 proves no time without one. */
  readonly timestampUrl?: string | undefined;
}

const publicGood = { fulcioUrl: "https://fulcio.sigstore.dev", rekorUrl: "https://rekor.sigstore.dev" };

/** A signer by identity. Throws `IDENTITY_NOT_FOUND` where there is none to sign with. */
export function keylessSigner(options: KeylessOptions): Signer {
  const { connection, environment, identityToken, rekorVersion = 1, timestampUrl } = options;
  const { fulcioUrl = publicGood.fulcioUrl, rekorUrl = publicGood.rekorUrl } = options;
  const { client } = connection;
  const source = identityToken === undefined ? findIdentitySource(environment) : undefined;
  const log = createRekorWitness({ url: rekorUrl, client, version: rekorVersion });
  const timestamps: readonly Witness[] =
    timestampUrl === undefined ? [] : [createTimestampWitness({ url: timestampUrl, client })];
  return createKeylessSigner({
    identityToken: async (call) => identityToken ?? (await source?.fetchToken({ ...call, environment, client })) ?? "",
    fulcioUrl,
    client,
    witnesses: [log, ...timestamps],
  });
}
