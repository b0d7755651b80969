import { expect, test } from "vitest";
import { completeRetryPolicy, parseRetryAfter, retryDelay } from "./retry.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const clock = { now: () => now, random: () => 0, sleep: async () => {} };

test("Retry-After is read in seconds and as a date, and nonsense is nothing", () => {
  expect(parseRetryAfter("7", now)).toBe(7000);
  expect(parseRetryAfter(" 0 ", now)).toBe(0);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", now)).toBe(5000);
  expect(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
  for (const text of [undefined, "", "soon", "-1s", "9".repeat(100)])
    expect(parseRetryAfter(text, now)).toBeUndefined();
});

test("a server cannot ask for a longer pause than the policy's longest (OCI-5)", () => {
  const policy = completeRetryPolicy({ maxMilliseconds: 20_000 });
  expect(retryDelay(1, policy, { clock, retryAfter: "86400" })).toBe(20_000);
  expect(retryDelay(1, policy, { clock, retryAfter: "Fri, 01 Jan 2027 00:00:00 GMT" })).toBe(20_000);
});

test("pauses double up to the longest, and half of each is left to chance", () => {
  const policy = completeRetryPolicy({ baseMilliseconds: 100, maxMilliseconds: 1000 });
  expect([1, 2, 3, 4, 5, 6].map((attempt) => retryDelay(attempt, policy, { clock }))).toEqual([
    50, 100, 200, 400, 500, 500,
  ]);
  expect(retryDelay(1, policy, { clock: { ...clock, random: () => 0.5 } })).toBe(75);
});
