import { type HttpClient, readBody, redactUrl } from "@sc/http";
import { type Call, Decoder, parseJson, ScError } from "@sc/model";

/** One request to a signing service. */
export interface ServiceRequest extends Call {
  readonly client: HttpClient;
  readonly url: string;
  readonly body: string;
  /** Besides those that say it is JSON. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Never shown, also when the service repeats it. */
  readonly secret?: string;
}

const maxAnswerBytes = 1_048_576;

/** Posts JSON and returns the answer's bytes. Throws `SIGNING_SERVICE_REFUSED` for any status but a good one. */
export async function postJson(request: ServiceRequest): Promise<Uint8Array> {
  const { client, url, body, headers, secret, signal, onProgress } = request;
  const response = await client.request({
    method: "POST",
    url,
    headers: { ...headers, "content-type": "application/json", accept: "application/json" },
    body,
    signal,
    onProgress,
  });
  const answer = await readBody(response, { maxBytes: maxAnswerBytes });
  if (response.status >= 200 && response.status < 300) return answer;
  const said = new TextDecoder().decode(answer.subarray(0, 2000));
  const shown = secret === undefined ? said : said.replaceAll(secret, "…");
  throw new ScError("SIGNING_SERVICE_REFUSED", `${redactUrl(url)}: answered ${response.status}`, {
    facts: { answer: JSON.stringify(shown.slice(0, 300)) },
    retryable: response.status >= 500 || response.status === 429,
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
  return `${base.replace(/\/+$/, "")}${path}`;
}
