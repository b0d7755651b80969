import { redactUrl } from "@sc/http";
import { type Decoder, hasCode, ScError } from "@sc/model";
import { askService, readAnswer, type ServiceRequest } from "./exchange.ts";
import { signLimits } from "./limits.ts";

/** How a platform is asked for the identity token of the job it runs. */
export interface PlatformTokenRequest extends ServiceRequest {
  /** The token in a JSON answer; without it the answer itself is the token. */
  readonly read?: (document: Decoder) => string;
  /** What mends a refusal. */
  readonly hint: string;
}

/**
 * The identity token that a platform gives. Throws `IDENTITY_NOT_FOUND` when it refuses, `SIGNING_SERVICE_REFUSED` when
 * it fails, `SIGNING_SERVICE_INVALID` when its answer holds no token.
 */
export async function fetchPlatformToken({ read, hint, ...request }: PlatformTokenRequest): Promise<string> {
  const { url, service } = request;
  let answer: Uint8Array;
  try {
    answer = await askService(request);
  } catch (error) {
    if (!hasCode(error, "SIGNING_SERVICE_REFUSED")) throw error;
    // Without what was answered: whoever gives out tokens may have put one there.
    const message = `${error.message} when asked for an identity token`;
    if (error.retryable === true) throw new ScError(error.code, message, { retryable: true });
    throw new ScError("IDENTITY_NOT_FOUND", message, { hint });
  }
  const token = read === undefined ? new TextDecoder().decode(answer).trim() : readAnswer(answer, url, read);
  if (isTokenText(token)) return token;
  throw new ScError("SIGNING_SERVICE_INVALID", `${service}: what ${redactUrl(url)} answered holds no identity token`);
}

/** Whether a text can be a token at all: printable, without white space, of a size that tokens have. */
export function isTokenText(text: string): boolean {
  return text.length <= signLimits.maxTokenBytes && /^[\x21-\x7e]+$/.test(text);
}
