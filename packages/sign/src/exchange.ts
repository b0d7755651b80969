import { type HttpClient, type HttpResponse, readBody, redactUrl } from "@sc/http";
import { type Call, Decoder, isScError, parseJson, ScError, withoutTrailing } from "@sc/model";
import { signLimits } from "./limits.ts";

/** One request to a service that signing depends on. */
export interface ServiceRequest extends Call {
  readonly client: HttpClient;
  /** Who is asked, as people know it: `Fulcio`. Begins every message about the exchange. */
  readonly service: string;
  readonly url: string;
  /** JSON to post, or bytes of the type that the headers say; without it the request is a GET. */
  readonly body?: string | Uint8Array;
  /** Besides those that say what is sent and wanted. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Never shown, also when the service repeats it. */
  readonly secret?: string;
}

/**
 * Asks a service and returns the answer's bytes. What fails for a moment is asked again: none of these requests does
 * harm when it arrives twice. Throws `SIGNING_SERVICE_REFUSED` for any status but a good one, and what requests throw,
 * with the service's name before it.
 */
export async function askService(request: ServiceRequest): Promise<Uint8Array> {
  const { answer, status } = await exchangeWith(request);
  if (status >= 200 && status < 300) return answer;
  throw refusedBy(request, { answer, status });
}

/** An answer, whatever its status. */
export interface ServiceAnswer {
  readonly status: number;
  readonly answer: Uint8Array;
  /** Where the service says that the thing is already. */
  readonly location?: string;
}

/** Asks a service and returns what it answered, good or not. Throws what requests throw, with the service's name. */
export async function exchangeWith(request: ServiceRequest): Promise<ServiceAnswer> {
  const { client, service, url, body, headers, signal, onProgress } = request;
  const posted = body === undefined ? {} : { "content-type": "application/json" };
  let response: HttpResponse;
  let answer: Uint8Array;
  try {
    response = await client.request({
      method: body === undefined ? "GET" : "POST",
      url,
      headers: { accept: "application/json", ...posted, ...headers },
      body,
      retry: true,
      signal,
      onProgress,
    });
    answer = await readBody(response, { maxBytes: signLimits.maxServiceAnswerBytes });
  } catch (error) {
    if (!isScError(error)) throw error;
    const { code, message, hint, retryable, facts } = error;
    const detail = { cause: error, facts, ...(hint === undefined ? {} : { hint }) };
    throw new ScError(code, `${service}: ${message}`, { ...detail, ...(retryable === undefined ? {} : { retryable }) });
  }
  const { location } = response.headers;
  return { status: response.status, answer, ...(location === undefined ? {} : { location }) };
}

/** The error that says what a service refused: `SIGNING_SERVICE_REFUSED`. */
export function refusedBy({ service, url, secret }: ServiceRequest, { answer, status }: ServiceAnswer): ScError {
  const said = new TextDecoder().decode(answer.subarray(0, 2000));
  const shown = secret === undefined ? said : said.replaceAll(secret, "…");
  return new ScError("SIGNING_SERVICE_REFUSED", `${service}: ${redactUrl(url)} answered ${status}`, {
    facts: { answer: JSON.stringify(shown.slice(0, 300)) },
    retryable: status >= 500 || status === 429,
  });
}

/** What an answer says. Throws `SIGNING_SERVICE_INVALID` when `read` finds it is not what the service should say. */
export function readAnswer<Value>(answer: Uint8Array, url: string, read: (document: Decoder) => Value): Value {
  const where = redactUrl(url);
  try {
    return read(new Decoder(parseJson(answer, where), where));
  } catch (cause) {
    // Not kept as cause: what cannot be decoded is quoted there and may repeat what was sent.
    const code = cause instanceof ScError ? cause.code : "unknown";
    throw new ScError("SIGNING_SERVICE_INVALID", `${where}: the answer is not what this service should say (${code})`);
  }
}

/** The URL of a service's path below its base. */
export function serviceUrl(base: string, path: string): string {
  return `${withoutTrailing(base, "/")}${path}`;
}
