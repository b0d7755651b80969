import {
  createKeylessSigner,
  createRekorWitness,
  createTimestampWitness,
  type Environment,
  findIdentitySource,
  selectServices,
  selectWitnesses,
  type Signer,
  type SigningConfig,
  type SigningServices,
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
  /** The services of a deployment, chosen by its own rules; what is said above goes before it. */
  readonly signingConfig?: SigningConfig | undefined;
  /** The present. */
  readonly now?: Date | undefined;
}

/** To whom a signature is shown. */
export type WitnessOptions = Pick<
  KeylessOptions,
  "connection" | "rekorUrl" | "rekorVersion" | "timestampUrl" | "signingConfig" | "now"
>;

const publicGood = {
  fulcioUrl: "https://fulcio.sigstore.dev",
  logs: [{ url: "https://rekor.sigstore.dev", version: 1 }],
  timestampUrls: [],
} as const;

/**
 * A signer by identity. Throws `IDENTITY_NOT_FOUND` where there is none to sign with, `SIGNING_CONFIG_INVALID` where
 * the configuration names no service that is in force.
 */
export function keylessSigner(options: KeylessOptions): Signer {
  const { connection, environment, identityToken } = options;
  const { client } = connection;
  const source = identityToken === undefined ? findIdentitySource(environment) : undefined;
  const { fulcioUrl, ...shown } = servicesOf(options);
  const witnesses = witnessesAt(shown, options);
  return createKeylessSigner({
    identityToken: async (call) => identityToken ?? (await source?.fetchToken({ ...call, environment, client })) ?? "",
    fulcioUrl,
    client,
    witnesses,
  });
}

/**
 * The logs and timestamp authorities that are named, for a signature by key: none of its own accord. Throws
 * `SIGNING_CONFIG_INVALID`.
 */
export function namedWitnesses(options: WitnessOptions): readonly Witness[] {
  const { rekorUrl, rekorVersion, timestampUrl, signingConfig, now = new Date() } = options;
  const versions = rekorVersion === undefined ? {} : { logVersions: [rekorVersion] };
  const named = signingConfig === undefined ? nobody : selectWitnesses(signingConfig, { now, ...versions });
  return witnessesAt(
    {
      logs: rekorUrl === undefined ? named.logs : [{ url: rekorUrl, version: rekorVersion ?? 1 }],
      timestampUrls: timestampUrl === undefined ? named.timestampUrls : [timestampUrl],
    },
    options,
  );
}

const nobody = { logs: [], timestampUrls: [] } as const;

function witnessesAt(
  { logs, timestampUrls }: Pick<SigningServices, "logs" | "timestampUrls">,
  { connection: { client } }: WitnessOptions,
): readonly Witness[] {
  return [
    ...logs.map(({ url, version }) => createRekorWitness({ url, client, version })),
    ...timestampUrls.map((url) => createTimestampWitness({ url, client })),
  ];
}

function servicesOf(options: KeylessOptions): SigningServices {
  const { fulcioUrl, rekorUrl, rekorVersion, timestampUrl, signingConfig, now = new Date() } = options;
  const versions = rekorVersion === undefined ? {} : { logVersions: [rekorVersion] };
  const named = signingConfig === undefined ? publicGood : selectServices(signingConfig, { now, ...versions });
  return {
    fulcioUrl: fulcioUrl ?? named.fulcioUrl,
    logs:
      rekorUrl === undefined && (signingConfig !== undefined || rekorVersion === undefined)
        ? named.logs
        : [{ url: rekorUrl ?? publicGood.logs[0].url, version: rekorVersion ?? 1 }],
    timestampUrls: timestampUrl === undefined ? named.timestampUrls : [timestampUrl],
  };
}
