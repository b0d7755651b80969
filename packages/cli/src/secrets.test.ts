import { expect, test } from "vitest";
import { createRedact } from "./secrets.ts";

test("a secret disappears from text in every form it is likely to take", () => {
  const secret = 'p/ss "word"+1';
  const redact = createRedact([secret]);
  for (const form of [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString("base64"),
    JSON.stringify(secret),
  ]) {
    expect(redact(`before ${form} after`)).toMatch(/^before "?\*\*\*=*"? after$/);
  }
});

test("an empty or very short secret hides nothing", () => {
  expect(createRedact(["", "a"])("a plain sentence")).toBe("a plain sentence");
});
