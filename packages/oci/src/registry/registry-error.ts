import { type HttpResponse, readBody } from "@sc/http";
import { isJsonArray, isJsonObject, type JsonValue, parseJson, ScError } from "@sc/model";

/** One error of a registry's own error document. */
export interface RegistryProblem {
  /** The registry's code, such as `MANIFEST_UNKNOWN`, or "" when it gave none. */
  readonly code: string;
  readonly message: string;
}

/** What was asked, for the facts of an error. */
export interface Asked {
  /** The image or repository, in full. */
  readonly image: string;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** What proved who was asking, for people; never a secret. */
  readonly sent: string;
}

const maxErrorBytes = 64 * 1024;
const maxProblems = 8;

/**
 * The registry's own words in an answer that is a failure. Never throws for what is in it: many registries, and the
 * proxies before them, answer with HTML or nothing.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
export async function readProblems(response: HttpResponse): Promise<readonly RegistryProblem[]> {
  let document: JsonValue;
  try {
    document = parseJson(await readBody(response, { maxBytes: maxErrorBytes }), "error");
  } catch {
    // The status alone must do.
    return [];
  }
  const errors = isJsonObject(document) ? document["errors"] : undefined;
  if (!isJsonArray(errors)) return [];
  return errors.slice(0, maxProblems).flatMap((error) => {
    if (!isJsonObject(error)) return [];
    const { code, message } = error;
    const known = typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code);
    return [{ code: known ? code : "", message: typeof message === "string" ? message.slice(0, 300) : "" }];
  });
}

/** The typed error for an answer that is a failure; reads the answer to its end. */
export async function registryError(response: HttpResponse, asked: Asked): Promise<ScError> {
  const problems = await readProblems(response);
  return errorOf(response.status, problems, asked);
}

/** The typed error for a status and the registry's own words. */
export function errorOf(status: number, problems: readonly RegistryProblem[], asked: Asked): ScError {
  const facts: Record<string, string> = {
    image: `${asked.image} (${asked.method} ${asked.path} → ${status})`,
    sent: asked.sent,
  };
  if (problems.length > 0) facts["answered"] = problems.map(describeProblem).join("; ");
  const codes = problems.map((problem) => problem.code).filter((code) => code !== "");
  if (codes.length > 0) facts["codes"] = codes.join(" ");
  const { code, what, hint } = classify(status, codes, asked);
  return new ScError(code, `${asked.image}: ${asked.host} ${what}`, {
    facts,
    ...(hint === undefined ? {} : { hint }),
    retryable: status === 429 || status >= 500,
  });
}

function classify(
  status: number,
  codes: readonly string[],
  { host, sent }: Asked,
): { code: string; what: string; hint?: string } {
  if (status === 401) {
    const nothing = sent.startsWith("nothing");
    return {
      code: "OCI_UNAUTHORIZED",
      what: nothing ? "wants credentials (401)" : "refused the credentials (401)",
      hint: `Log in with: echo $TOKEN | docker login ${host} -u USER --password-stdin`,
    };
  }
  if (status === 403) {
    return {
      code: "REGISTRY_DENIED",
      what: "does not allow this (403)",
      hint: "Have the account or token allowed to do this with the repository.",
    };
  }
  if (status === 404 && codes.includes("NAME_UNKNOWN")) {
    return {
      code: "REPOSITORY_NOT_FOUND",
      what: "has no such repository",
      hint: "Check the spelling; registries also answer this for private repositories when nobody is logged in.",
    };
  }
  if (status === 429) {
    return {
      code: "REGISTRY_RATE_LIMITED",
      what: "allows no more requests for now (429)",
      hint: `Wait, or log in to ${host} for a higher limit.`,
    };
  }
  if (status >= 500) return { code: "REGISTRY_FAILED", what: `failed (${status})`, hint: "Try again later." };
  return { code: "REGISTRY_REFUSED", what: `refused the request (${status})` };
}

function describeProblem({ code, message }: RegistryProblem): string {
  const said = message === "" ? "" : JSON.stringify(message);
  return [code, said].filter((part) => part !== "").join(": ") || "nothing readable";
}
