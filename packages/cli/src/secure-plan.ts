import { resolve } from "node:path";
import { ScError, severities } from "@sc/model";
import { parsePlatform } from "@sc/oci";
import { type SecurePlan, type SecurityConfig, waiverOf } from "@sc/pipeline";
import { openSigner, readPublicKeys, type Signer, type SignerPolicy } from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { findConfiguration } from "./configuration.ts";
import { databaseDirectory } from "./places.ts";
import { inventoryOptions } from "./reading.ts";
import { openKey } from "./signing-key.ts";
import { version } from "./version.ts";

/** What is to be done, and where files go. */
export interface SecureAsked {
  readonly plan: SecurePlan;
  readonly sbomDirectory?: string;
  readonly reportDirectory?: string;
}

/** The plan of the configuration and the options; `undefined` when the configuration says that nothing is to be done. */
export async function planOf(context: ActionContext): Promise<SecureAsked | undefined> {
  const found = await findConfiguration(context);
  if (found === undefined) return await planOfOptions(context);
  const { security: config } = found;
  const path = found.files.at(-1) ?? "";
  return config.enabled ? await planOfConfig(config, path, context) : undefined;
}

function common(
  context: ActionContext,
): Pick<SecurePlan, "images" | "platform" | "inventory" | "artifactRepository" | "now"> {
  const { values } = context;
  const platform = values.text("platform");
  return {
    images: values.texts("image"),
    platform: platform === undefined ? undefined : parsePlatform(platform),
    inventory: inventoryOptions(context),
    artifactRepository: values.text("artifact-repository"),
    now: context.now(),
  };
}

async function planOfOptions(context: ActionContext): Promise<SecureAsked> {
  const { values } = context;
  const failOn = values.choice("fail-on", severities);
  const output = values.text("output");
  const signer = values.text("key") === undefined ? undefined : await openKey(context);
  return {
    ...directories(output, output),
    plan: {
      ...common(context),
      sbom: {
        required: true,
        formats: ["cyclonedx-json"],
        attach: signer !== undefined,
        sign: true,
        ...documents(context),
      },
      scan: {
        required: true,
        database: databaseDirectory(context),
        version,
        now: context.now(),
        failOn,
        policy: failOn === undefined ? undefined : `--fail-on ${failOn}`,
      },
      signing: signer === undefined ? undefined : { required: true, signer, verify: policyOf(signer) },
    },
  };
}

async function planOfConfig(config: SecurityConfig, path: string, context: ActionContext): Promise<SecureAsked> {
  const { values } = context;
  const { sbom, scan, signing } = config;
  const failOn = values.choice("fail-on", severities) ?? scan.failOn;
  const attach = typeof sbom.attach === "boolean" ? { enabled: sbom.attach, sign: true } : sbom.attach;
  const output = values.text("output");
  return {
    ...directories(output ?? sbom.output?.local, output ?? scan.output?.local),
    plan: {
      ...common(context),
      ...(sbom.enabled
        ? {
            sbom: {
              required: sbom.required,
              formats: [sbom.format],
              attach: attach.enabled,
              sign: attach.sign,
              ...documents(context),
            },
          }
        : {}),
      ...(scan.enabled
        ? {
            scan: {
              required: scan.required,
              database: databaseDirectory(context),
              version,
              now: context.now(),
              failOn,
              warnOn: scan.warnOn,
              waivers: scan.ignore.map((rule) => waiverOf(rule, path)),
              policy: failOn === undefined ? undefined : `failOn: ${failOn}`,
            },
          }
        : {}),
      ...(signing.enabled ? { signing: await signingOf(signing, path, context) } : {}),
    },
  };
}

async function signingOf(
  signing: SecurityConfig["signing"],
  path: string,
  context: ActionContext,
): Promise<NonNullable<SecurePlan["signing"]>> {
  const { values, environment, signal } = context;
  const variables = environment.variables;
  const key = values.text("key") ?? signing.privateKey;
  if (key === undefined) {
    throw new ScError("CLI_USAGE", `${path}: security.signing is enabled, and there is no key to sign with`, {
      hint: "Set security.signing.privateKey or give --key.",
    });
  }
  const secret = signing.password === undefined ? values.text("password") : readSecret(signing.password, path, context);
  const password = secret === undefined ? undefined : Buffer.from(secret);
  const signer = await openSigner(key, { password, environment: variables, signal });
  const verified = signing.verify?.enabled ?? true;
  const keys =
    signing.publicKey === undefined
      ? policyOf(signer)
      : { keys: await readPublicKeys(signing.publicKey, { environment: variables, signal }) };
  return { required: signing.required, signer, verify: verified ? keys : undefined };
}

// `${secret:NAME}` is the variable of that name: the file itself never holds the secret.
function readSecret(text: string, path: string, context: ActionContext): string {
  const name = /^\$\{secret:(?<name>[A-Za-z_][A-Za-z0-9_]*)\}$/.exec(text)?.groups?.["name"];
  const value = name === undefined ? text : context.environment.variables[name];
  if (value === undefined) throw new ScError("CLI_USAGE", `${path}: security.signing.password: ${text} is not set`);
  context.hide(value);
  return value;
}

function policyOf(signer: Signer): SignerPolicy | undefined {
  return signer.publicKey === undefined ? undefined : { keys: [signer.publicKey] };
}

function documents({ environment }: ActionContext): Pick<NonNullable<SecurePlan["sbom"]>, "timestamp" | "tool"> {
  return { timestamp: environment.sourceDate, tool: { name: "sc", version } };
}

function directories(sbom: string | undefined, report: string | undefined): Omit<SecureAsked, "plan"> {
  return {
    ...(sbom === undefined ? {} : { sbomDirectory: resolve(sbom) }),
    ...(report === undefined ? {} : { reportDirectory: resolve(report) }),
  };
}
