import { nearest, ScError } from "@sc/model";
import {
  type CertificateClaim,
  certificateClaims,
  githubOrganization,
  type IdentityPolicy,
  readPublicKeys,
  type SignerPolicy,
} from "@sc/sign";
import { readNamedValue } from "./annotations.ts";
import type { ActionContext } from "./command.ts";
import { connectServices } from "./connect.ts";
import { isTrustNamed, trustRoot } from "./trusting.ts";

/** Whether the options say anything of whose signature counts: what says too little is then refused, not passed over. */
export function isSignerNamed(context: ActionContext): boolean {
  const { values } = context;
  const names = ["certificate-identity", "identity-regexp", "oidc-issuer", "oidc-issuer-regexp", "organization"];
  if (values.texts("key").length > 0 || values.flag("keyless")) return true;
  if (names.some((name) => values.text(name) !== undefined) || Object.keys(conditions(context)).length > 0) return true;
  return Object.keys(certificateClaimsOf(context)).length > 0;
}

/** Who may have signed, by the options. Throws `CLI_USAGE` and what reading keys and trust roots throws. */
export async function signerPolicy(context: ActionContext): Promise<SignerPolicy> {
  const { values, environment, signal } = context;
  const references = values.texts("key");
  const identity = identityPolicy(context);
  if (references.length > 0 && (identity !== undefined || values.flag("keyless"))) {
    throw new ScError("CLI_USAGE", "--key and an identity exclude each other");
  }
  const common = conditions(context);
  if (references.length > 0) {
    // Opened for keys on a web server; nothing is asked of the network for others.
    await using services = await connectServices(context);
    const options = { environment: environment.variables, signal, client: services.client };
    const keys = await Promise.all(references.map(async (reference) => await readPublicKeys(reference, options)));
    // Only what a log or a timestamp authority says makes a trust root of use beside a key.
    const asked = isTrustNamed(context) || Object.keys(common).length > 0;
    const proven = asked || keys.flat().some(({ validity }) => validity !== undefined);
    const root = proven ? { trustRoot: await trustRoot(context) } : {};
    return { keys: keys.flat(), now: context.now(), ...common, ...root };
  }
  if (identity !== undefined) {
    return { identities: [identity], trustRoot: await trustRoot(context), now: context.now(), ...common };
  }
  throw new ScError("CLI_USAGE", "nobody is named whose signature counts", {
    hint: "Give --key PUBLIC-KEY, or --certificate-identity NAME with --oidc-issuer URL.",
  });
}

type Conditions = Pick<SignerPolicy, "maxAgeSeconds" | "requireLogEntry" | "minLogOperators" | "minTimestampOperators">;

function conditions({ values }: ActionContext): Conditions {
  const age = values.milliseconds("max-age");
  const logs = values.count("min-log-operators");
  const timestamps = values.count("min-timestamp-operators") ?? (values.flag("use-signed-timestamps") ? 1 : undefined);
  return {
    ...(age === undefined ? {} : { maxAgeSeconds: age / 1000 }),
    ...(values.flag("require-log-entry") ? { requireLogEntry: true } : {}),
    ...(logs === undefined ? {} : { minLogOperators: logs }),
    ...(timestamps === undefined ? {} : { minTimestampOperators: timestamps }),
  };
}

function identityPolicy(context: ActionContext): IdentityPolicy | undefined {
  const { values } = context;
  const subject = exactOrPattern("identity", values.text("certificate-identity"), values.text("identity-regexp"));
  const issuer = exactOrPattern("issuer", values.text("oidc-issuer"), values.text("oidc-issuer-regexp"));
  const organization = values.text("organization");
  const claims = certificateClaimsOf(context);
  const asked = Object.keys(claims).length > 0;
  if (organization !== undefined) {
    if (subject !== undefined || issuer !== undefined) {
      throw new ScError("CLI_USAGE", "--organization says who and by whom: it excludes identity and issuer");
    }
    const policy = githubOrganization(organization);
    return { ...policy, claims: { ...claims, ...policy.claims } };
  }
  if (subject === undefined && issuer === undefined && !asked) return undefined;
  if (subject !== undefined && issuer !== undefined) return { subject, issuer, ...(asked ? { claims } : {}) };
  throw new ScError("CLI_USAGE", "an identity is --certificate-identity or --identity-regexp, and --oidc-issuer", {
    hint: "A name alone proves nothing: any issuer could have given it.",
  });
}

function exactOrPattern(
  what: string,
  exact: string | undefined,
  pattern: string | undefined,
): string | RegExp | undefined {
  if (pattern === undefined) return exact;
  if (exact !== undefined) throw new ScError("CLI_USAGE", `the ${what} is given as a text and as a pattern`);
  try {
    // Without flags: what the two languages understand differently is refused where the pattern is compiled.
    return new RegExp(pattern);
  } catch (cause) {
    const shown = JSON.stringify(pattern.slice(0, 200));
    throw new ScError("CLI_USAGE", `the pattern of the ${what}: ${shown} is no regular expression`, { cause });
  }
}

/** The claims that `--claim` and cosign's options name. A claim that is given twice could not hold. */
function certificateClaimsOf({ values }: ActionContext): Partial<Record<CertificateClaim, string>> {
  const given = [...values.texts("claim").map((text) => readNamedValue(text, "claim")), ...workflowClaims(values)];
  const known = new Map(Object.keys(certificateClaims).map((name) => [kebab(name), name]));
  const claims: Partial<Record<CertificateClaim, string>> = {};
  for (const [name, value] of given) {
    const claim = known.get(name);
    if (claim === undefined || !isClaim(claim)) throw unknownClaim(name, [...known.keys()]);
    if (claims[claim] !== undefined) throw new ScError("CLI_USAGE", `the claim ${name} is given twice`);
    claims[claim] = value;
  }
  return claims;
}

function workflowClaims(values: ActionContext["values"]): readonly (readonly [string, string])[] {
  const given = {
    "github-workflow-trigger": values.text("certificate-github-workflow-trigger"),
    "github-workflow-sha": values.text("certificate-github-workflow-sha"),
    "github-workflow-name": values.text("certificate-github-workflow-name"),
    "github-workflow-repository": values.text("certificate-github-workflow-repository"),
    "github-workflow-ref": values.text("certificate-github-workflow-ref"),
  };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function isClaim(name: string): name is CertificateClaim {
  return Object.hasOwn(certificateClaims, name);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function unknownClaim(name: string, known: readonly string[]): ScError {
  const near = nearest(name, known);
  return new ScError("CLI_USAGE", `--claim: there is no claim ${JSON.stringify(name.slice(0, 100))}`, {
    hint: near === undefined ? "Write one of them." : `Did you mean: ${near}`,
  });
}
