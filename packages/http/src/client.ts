import { type ProgressListener, ScError } from "@sc/model";
import { type Agents, createAgents, type ProxyOptions, type TlsOptions } from "./agents.ts";
import { type Clock, systemClock } from "./clock.ts";
import { exchange } from "./exchange.ts";
import type { HttpHeaders, HttpRequest, HttpResponse } from "./message.ts";
import { redactUrl } from "./redact.ts";
import { guardedLookup, resolveReferral } from "./referral.ts";
import { completeRetryPolicy, isRetryableError, isRetryableStatus, retryDelay, type RetryPolicy } from "./retry.ts";
import type { Timeouts } from "./timeouts.ts";

/** How a client goes about its requests. Everything has a careful default. */
export interface HttpClientOptions {
  readonly retry?: RetryPolicy;
  readonly timeouts?: Timeouts;
  /** How many redirects one request follows. 5 by default. */
  readonly maxRedirects?: number;
  readonly proxy?: ProxyOptions;
  readonly tls?: TlsOptions;
  /** Makes every request throw `OFFLINE` before anything is looked up or opened. */
  readonly offline?: boolean;
  /** What the client calls itself. "sc" by default. */
  readonly userAgent?: string;
  readonly clock?: Clock;
}

/** A careful HTTP client with its own pool of connections. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Makes a request and resolves with the answer, whatever its status, when its headers are there.
   *
   * Repeats what is safe to repeat, follows redirects without ever carrying a credential to another origin, and keeps
   * no cookies. Throws the codes of `httpErrorCodes`; an aborted signal rejects with its reason and closes the socket.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

/** Creates a client. Throws `PROXY_INVALID`. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new Client(options);
}

const idempotent = new Set(["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]);
const redirectStatus = new Set([301, 302, 303, 307, 308]);

// Another origin is told nothing but what kind of answer is wanted: every other header may be a credential.
const harmlessHeaders = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "content-type",
  "range",
  "user-agent",
]);

interface Step {
  readonly url: URL;
  readonly headers: HttpHeaders;
  readonly namedBy: URL | undefined;
}

class Client implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agents: Agents;
  readonly #closing: AbortController = new AbortController();

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#agents = createAgents(options.tls ?? {}, options.proxy ?? {});
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const { retry = idempotent.has(request.method ?? "GET") } = request;
    const { clock = systemClock } = this.#options;
    const policy = completeRetryPolicy(this.#options.retry);
    const given = checkUrl(request.url);
    const url =
      request.namedBy === undefined ? given : resolveReferral(given.href, request.namedBy, { what: "address" });
    request.signal?.throwIfAborted();
    this.#refuse(url);
    const tries = retry && isReplayable(request.body) ? policy.tries : 1;
    for (let attempt = 1; ; attempt += 1) {
      let why: string;
      let retryAfter: string | undefined;
      try {
        const response = await this.#follow(request, url);
        if (attempt >= tries || !isRetryableStatus(response.status)) return response;
        await response[Symbol.asyncDispose]();
        why = `status ${response.status}`;
        retryAfter = response.headers["retry-after"];
      } catch (error) {
        if (attempt >= tries || !isRetryableError(error)) throw error;
        why = error instanceof Error ? error.message : "failed";
      }
      const milliseconds = retryDelay(attempt, policy, { clock, retryAfter });
      report(
        request.onProgress,
        `${redactUrl(url)}: try ${attempt} of ${tries} failed (${why}), next in ${Math.round(milliseconds)} ms`,
      );
      await clock.sleep(milliseconds, this.#signal(request));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new ScError("CLIENT_CLOSED", "the HTTP client was closed while a request was under way"));
    this.#agents.destroy();
  }

  #refuse(url: URL): void {
    if (this.#options.offline === true) {
      throw new ScError("OFFLINE", `${redactUrl(url)}: not asked, since everything must stay offline`, {
        hint: "Leave --offline out, or provide what is needed locally.",
      });
    }
    if (this.#closing.signal.aborted) {
      throw new ScError("CLIENT_CLOSED", `${redactUrl(url)}: not asked, since the HTTP client is closed`);
    }
  }

  #signal(request: HttpRequest): AbortSignal {
    const closing = this.#closing.signal;
    return request.signal === undefined ? closing : AbortSignal.any([request.signal, closing]);
  }

  async #follow(request: HttpRequest, url: URL): Promise<HttpResponse> {
    const { maxRedirects = 5, userAgent = "sc" } = this.#options;
    const headers = lowerCase({ "accept-encoding": "identity", "user-agent": userAgent, ...request.headers });
    let step: Step = { url, headers, namedBy: request.namedBy };
    const signal = this.#signal(request);
    for (let redirects = 0; ; redirects += 1) {
      const response = await this.#send(request, step, signal);
      const location = response.headers["location"];
      if (location === undefined || !follows(request, response.status)) return response;
      await response[Symbol.asyncDispose]();
      if (redirects >= maxRedirects) {
        throw new ScError("TOO_MANY_REDIRECTS", `${redactUrl(url)}: redirected more than ${maxRedirects} times`);
      }
      step = redirected(step, location);
    }
  }

  async #send(request: HttpRequest, { url, headers, namedBy }: Step, signal: AbortSignal): Promise<HttpResponse> {
    const body = typeof request.body === "string" ? Buffer.from(request.body) : request.body;
    const sized = body instanceof Uint8Array ? { ...headers, "content-length": String(body.byteLength) } : headers;
    const direct = this.#options.proxy === undefined;
    const method = request.method ?? "GET";
    const response = await exchange({
      method,
      url,
      headers: sized,
      body,
      agent: this.#agents.of(url),
      timeouts: this.#options.timeouts ?? {},
      signal,
      // Behind a proxy it is the proxy's name that is looked up here, and the proxy that decides where it goes.
      lookup: namedBy !== undefined && direct ? guardedLookup(namedBy) : undefined,
    });
    request.onProgress?.({ type: "request", method, url: redactUrl(url), status: response.status });
    return response;
  }
}

function redirected({ url, headers }: Step, location: string): Step {
  const target = resolveReferral(location, url, { what: "redirect" });
  if (target.origin === url.origin) return { url: target, headers, namedBy: url };
  const kept = Object.entries(headers).filter(([name]) => harmlessHeaders.has(name));
  return { url: target, headers: Object.fromEntries(kept), namedBy: url };
}

function follows(request: HttpRequest, status: number): boolean {
  if (request.redirect === "manual" || !redirectStatus.has(status)) return false;
  const method = request.method ?? "GET";
  if (method === "GET" || method === "HEAD") return true;
  return (status === 307 || status === 308) && isReplayable(request.body);
}

function isReplayable(body: HttpRequest["body"]): boolean {
  return body === undefined || typeof body === "string" || body instanceof Uint8Array;
}

function checkUrl(given: string | URL): URL {
  const url = URL.canParse(String(given)) ? new URL(given) : undefined;
  const plain = url !== undefined && url.username === "" && url.password === "";
  if (plain && (url.protocol === "https:" || url.protocol === "http:")) return url;
  throw new ScError("URL_INVALID", `${redactUrl(given)}: not an http:// or https:// URL without user and password`);
}

function lowerCase(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function report(listener: ProgressListener | undefined, message: string): void {
  listener?.({ type: "notice", level: "info", code: "HTTP_RETRY", message });
}
