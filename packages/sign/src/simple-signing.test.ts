import { expect, test } from "vitest";
import { decodeSimpleSigning, encodeSimpleSigning } from "./simple-signing.ts";

const digest = `sha256:${"0a".repeat(32)}` as const;

test("the payload is what Go marshals: null without annotations, sorted and HTML-escaped with them (SIGN-3)", () => {
  const text = (annotations: Readonly<Record<string, string>>): string =>
    new TextDecoder().decode(encodeSimpleSigning({ dockerReference: "ghcr.io/o/r", digest, annotations }));
  const critical = `{"identity":{"docker-reference":"ghcr.io/o/r"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"}`;
  expect(text({})).toBe(`{"critical":${critical},"optional":null}`);
  expect(text({ b: "<&>", a: "\u2028\n\u0001" })).toBe(
    `{"critical":${critical},"optional":{"a":"\\u2028\\n\\u0001","b":"\\u003c\\u0026\\u003e"}}`,
  );
  // Sorted by UTF-8 bytes: U+FF61 before U+1F600, which UTF-16 order would turn around.
  expect(text({ "\u{1F600}": "", "\uFF61": "" })).toContain(`{"\uFF61":"","\u{1F600}":""}`);
});

test("a payload of another type, or with the digest of no image, is refused", () => {
  const payload = new TextDecoder().decode(encodeSimpleSigning({ dockerReference: "r", digest, annotations: {} }));
  const refused = [payload.replace("cosign container", "atomic container"), payload.replace("sha256:", "sha256-")];
  for (const text of refused) expect(() => decodeSimpleSigning(new TextEncoder().encode(text), "p")).toThrow(/wanted/);
});
