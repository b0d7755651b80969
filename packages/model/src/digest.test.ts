import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createDigest, digestAlgorithm, digestHex, digestOf, isDigest, parseDigest, shortDigest } from "./digest.ts";
import { hasCode } from "./error.ts";

const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("a digest is an algorithm, a colon and exactly as many lower-case hex digits as it gives (OCI-6)", () => {
  expect(isDigest(empty)).toBe(true);
  expect(isDigest(`sha384:${"0".repeat(96)}`)).toBe(true);
  expect(isDigest(`sha512:${"0".repeat(128)}`)).toBe(true);
});

test.each([
  ["upper case", empty.toUpperCase()],
  ["upper-case hex", `sha256:${"A".repeat(64)}`],
  ["one digit short", empty.slice(0, -1)],
  ["one digit long", `${empty}0`],
  ["an unknown algorithm", `md5:${"0".repeat(32)}`],
  ["another algorithm's length", `sha512:${"0".repeat(64)}`],
  ["a line end behind it", `${empty}\n`],
  ["no algorithm", "0".repeat(64)],
  ["a path", "sha256:../../../etc/passwd"],
  ["nothing", ""],
  ["no text", 12],
])("%s is no digest", (_what, value) => {
  expect(isDigest(value)).toBe(false);
});

test("a text that is no digest is refused with where it stood, and cut", () => {
  const text = "x".repeat(100_000);
  try {
    parseDigest(text, "manifest.config");
    expect.unreachable();
  } catch (error) {
    expect(hasCode(error, "DIGEST_INVALID")).toBe(true);
    expect(String(error)).toContain("manifest.config");
    expect(String(error).length).toBeLessThan(400);
  }
  expect(parseDigest(empty, "here")).toBe(empty);
});

test("a digest fed piece by piece equals the digest of the whole", () => {
  const bytes = new Uint8Array(10_000).map((_, index) => index % 251);
  for (const algorithm of ["sha256", "sha384", "sha512"] as const) {
    const stream = createDigest(algorithm);
    for (let offset = 0; offset < bytes.length; offset += 333) stream.update(bytes.subarray(offset, offset + 333));
    const digest = stream.finish();
    expect(digest).toBe(digestOf(bytes, algorithm));
    expect(digest).toBe(`${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`);
    expect(digestAlgorithm(digest)).toBe(algorithm);
    expect(digestHex(digest)).toBe(digest.slice(algorithm.length + 1));
  }
});

test("a digest for people keeps the algorithm and twelve digits", () => {
  expect(shortDigest(empty)).toBe("sha256:e3b0c44298fc");
});
