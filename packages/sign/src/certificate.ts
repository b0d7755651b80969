/** What a certificate says about who asked for it, by the names of Fulcio's extensions. */
export const certificateClaims = {
  githubWorkflowTrigger: 2,
  githubWorkflowSha: 3,
  githubWorkflowName: 4,
  githubWorkflowRepository: 5,
  githubWorkflowRef: 6,
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryUri: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryId: 15,
  sourceRepositoryOwnerUri: 16,
  sourceRepositoryOwnerId: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationUri: 21,
  sourceRepositoryVisibility: 22,
  deploymentEnvironment: 23,
  tokenSubject: 24,
} as const;

/** The name of one such claim. */
export type CertificateClaim = keyof typeof certificateClaims;

/** Who a signing certificate was given to. */
export interface CertificateIdentity {
  /** The one subject alternative name: a URI or an e-mail address. */
  readonly subject: string;
  /** The identity provider that vouched for it. */
  readonly issuer: string;
  /** Fulcio's further claims, those that are there. */
  readonly claims: Readonly<Partial<Record<CertificateClaim, string>>>;
}

/** The names of all claims. */
export function claimNames(): readonly CertificateClaim[] {
  return Object.keys(certificateClaims).filter((name): name is CertificateClaim =>
    Object.hasOwn(certificateClaims, name),
  );
}

/** A certificate as PEM. */
export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
