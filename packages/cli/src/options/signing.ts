import type { OptionDefinition, OptionGroup } from "../command.ts";
import { passwordOptions } from "./password.ts";

/** With what is signed. */
export const signingOptions: OptionGroup = {
  title: "Signing",
  options: [
    { name: "key", kind: "text", placeholder: "KEY", summary: "private key: a PEM file or env://NAME" },
    ...passwordOptions,
  ],
};

/** With what is signed where the same command verifies, and does only what is not done yet. */
export const pairOptions: OptionGroup = {
  title: signingOptions.title,
  options: [
    ...signingOptions.options,
    {
      name: "public-key",
      kind: "text",
      placeholder: "KEY",
      summary: "its public half; the private key is then opened only to sign",
    },
  ],
};

/** The interfaces of transparency logs. */
export const rekorVersions = ["1", "2"] as const;

/** By whose identity is signed, in place of a key, and to whom either signature is shown. */
export const keylessOptions: OptionGroup = {
  title: "Identity, logs and timestamps",
  options: [
    { name: "keyless", kind: "flag", summary: "sign by the identity of this CI job or token" },
    {
      name: "identity-token",
      kind: "text",
      placeholder: "TOKEN",
      secret: true,
      summary: "OIDC token; better in SIGSTORE_ID_TOKEN",
    },
    { name: "fulcio-url", kind: "text", placeholder: "URL", summary: "certificate authority; default sigstore's own" },
    {
      name: "rekor-url",
      kind: "text",
      placeholder: "URL",
      summary: "transparency log; default with an identity sigstore's own, with a key none",
    },
    {
      name: "rekor-version",
      kind: "text",
      choices: rekorVersions,
      summary: "the log's interface; default 1, or what the configuration says",
    },
    {
      name: "timestamp-server-url",
      kind: "text",
      placeholder: "URL",
      summary: "RFC 3161 authority, by the address it takes requests at",
    },
    {
      name: "signing-config",
      kind: "text",
      placeholder: "FILE",
      summary: "services of a private Sigstore, as cosign reads them",
    },
  ],
};

/** The forms in which signatures are stored. */
export const storages = ["both", "bundle", "tag"] as const;

/** Which form signatures have. */
export const storage: OptionDefinition = {
  name: "storage",
  kind: "text",
  choices: storages,
  default: "both",
  summary: "as Sigstore bundles, under cosign's tags, or both",
};

/** Where signatures are, if not beside the image. */
export const artifactRepository: OptionDefinition = {
  name: "artifact-repository",
  kind: "text",
  placeholder: "REPO",
  variables: ["COSIGN_REPOSITORY"],
  summary: "another repository that keeps signatures",
};

/** The claims that cosign has an option each for. */
const workflowClaims = ["trigger", "sha", "name", "repository", "ref"] as const;

/** Whose word counts when an identity, a log or a timestamp is verified. */
export const trustOptions: readonly OptionDefinition[] = [
  {
    name: "trusted-root",
    kind: "text",
    placeholder: "FILE",
    summary: "authorities to believe: a file, public-good (default) or github, both embedded",
  },
  {
    name: "refresh-trusted-root",
    kind: "flag",
    summary: "ask a TUF mirror for today's authorities; --offline: as kept, until they expire",
  },
  {
    name: "tuf-mirror",
    kind: "text",
    placeholder: "URL",
    summary: "mirror to refresh from; default sigstore's own, with --trusted-root github GitHub's",
  },
  { name: "tuf-root", kind: "text", placeholder: "FILE", summary: "the mirror's root.json, from where you trust it" },
];

/** Whose signature is accepted. */
export const verifyingOptions: OptionGroup = {
  title: "Accepted signers",
  options: [
    {
      name: "key",
      aliases: ["public-key"],
      kind: "text",
      placeholder: "KEY",
      repeatable: true,
      summary: "public key: file, directory, env://NAME or https://…",
    },
    { name: "keyless", kind: "flag", summary: "by identity, which goes without saying where no key is given" },
    {
      name: "certificate-identity",
      aliases: ["cert-identity"],
      kind: "text",
      placeholder: "NAME",
      summary: "exact identity in the certificate",
    },
    {
      name: "identity-regexp",
      aliases: ["certificate-identity-regexp"],
      kind: "text",
      placeholder: "REGEXP",
      summary: "pattern for the whole identity",
    },
    {
      name: "oidc-issuer",
      aliases: ["certificate-oidc-issuer", "cert-issuer"],
      kind: "text",
      placeholder: "URL",
      summary: "exact issuer of the identity",
    },
    {
      name: "oidc-issuer-regexp",
      aliases: ["certificate-oidc-issuer-regexp"],
      kind: "text",
      placeholder: "REGEXP",
      summary: "pattern for the whole issuer",
    },
    {
      name: "organization",
      kind: "text",
      placeholder: "ORG",
      summary: "any workflow of this GitHub organization or user",
    },
    {
      name: "claim",
      kind: "text",
      placeholder: "NAME=VALUE",
      repeatable: true,
      summary: "exact claim of the certificate: source-repository-ref …",
    },
    ...workflowClaims.map((claim): OptionDefinition => ({
      name: `certificate-github-workflow-${claim}`,
      kind: "text",
      placeholder: "VALUE",
      summary: `as --claim github-workflow-${claim}=VALUE`,
    })),
    {
      name: "max-age",
      kind: "duration",
      placeholder: "SPAN",
      summary: "refuse what was signed longer ago, or at no proven time",
    },
    {
      name: "require-log-entry",
      kind: "flag",
      summary: "demand an entry in a transparency log of signatures by key too",
    },
    {
      name: "use-signed-timestamps",
      kind: "flag",
      summary: "demand the timestamp of an authority, not a log's time",
    },
    {
      name: "min-log-operators",
      kind: "count",
      placeholder: "N",
      summary: "by how many operators' logs it must be vouched for",
    },
    {
      name: "min-timestamp-operators",
      kind: "count",
      placeholder: "N",
      summary: "by how many operators' timestamp authorities",
    },
    ...trustOptions,
  ],
};
