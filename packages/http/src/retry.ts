import { isScError } from "@sc/model";
import type { Clock } from "./clock.ts";

/** How often and how patiently a request is repeated. */
export interface RetryPolicy {
  /** How often a request is made in all. 3 by default; 1 never repeats. */
  readonly tries?: number;
  /** The first pause; each further one is twice as long. 250 by default. */
  readonly baseMilliseconds?: number;
  /** The longest pause, also where a server asks for a longer one. 20 000 by default. */
  readonly maxMilliseconds?: number;
}

/** A retry policy with nothing left open. */
export type CompleteRetryPolicy = Required<RetryPolicy>;

/** The policy with its defaults filled in. */
export function completeRetryPolicy(policy: RetryPolicy = {}): CompleteRetryPolicy {
  const { tries = 3, baseMilliseconds = 250, maxMilliseconds = 20_000 } = policy;
  return { tries, baseMilliseconds, maxMilliseconds };
}

const retryableStatus = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Whether an answer says that the same request may well succeed later. */
export function isRetryableStatus(status: number): boolean {
  return retryableStatus.has(status);
}

/** Whether a request that failed this way may well succeed later. */
export function isRetryableError(error: unknown): boolean {
  return isScError(error) && error.retryable === true;
}

/**
 * How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as a date; `undefined` when it says
 * nothing that can be read.
 *
 * @see RFC 9110, section 10.2.3
 */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined || text.length > 64) return undefined;
  const trimmed = text.trim();
  if (/^\d{1,10}$/.test(trimmed)) return Number(trimmed) * 1000;
  const date = Date.parse(trimmed);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * How long to wait before the next try, in milliseconds: what the server asked for, else exponential back-off with
 * half of it left to chance; never more than the policy's maximum.
 */
export function retryDelay(
  attempt: number,
  policy: CompleteRetryPolicy,
  { clock, retryAfter }: { readonly clock: Clock; readonly retryAfter?: string | undefined },
): number {
  const asked = parseRetryAfter(retryAfter, clock.now());
  if (asked !== undefined) return Math.min(asked, policy.maxMilliseconds);
  const full = Math.min(policy.baseMilliseconds * 2 ** (attempt - 1), policy.maxMilliseconds);
  return full / 2 + (full / 2) * clock.random();
}
