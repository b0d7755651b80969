import { expect, test } from "vitest";
import { checkIdentity, checkIdentityPolicy, type IdentityPolicy } from "./identity.ts";

const got = { subject: "https://github.com/acme/api", issuer: "https://issuer.example.org", claims: {} };

function accepts(subject: string | RegExp, name = got.subject): boolean {
  const policies: IdentityPolicy[] = [{ subject, issuer: got.issuer }];
  for (const policy of policies) checkIdentityPolicy(policy);
  try {
    checkIdentity({ ...got, subject: name }, policies, "test");
    return true;
  } catch {
    return false;
  }
}

test("a pattern must match the whole name, whatever its flags and alternatives (SIGN-5)", () => {
  expect(accepts(/https:\/\/github\.com\/acme\/\w+/)).toBe(true);
  expect(accepts(/github\.com\/acme\/\w+/)).toBe(false);
  expect(accepts(/https:\/\/github\.com\/acme|x/)).toBe(false);
  expect(accepts(/^https:\/\/github\.com\/acme\/api$/m, "https://github.com/acme/api\nhttps://evil")).toBe(false);
  expect(accepts(/https:\/\/github\.com\/acme\/api/y)).toBe(true);
  expect(accepts(/HTTPS:\/\/GITHUB\.COM\/ACME\/API/)).toBe(false);
});

test("a text is never read as a pattern", () => {
  expect(accepts("https://github.com/acme/.*")).toBe(false);
  expect(accepts("https://github.com/acme/api")).toBe(true);
});

test("a name longer than any real one is not matched at all", () => {
  expect(accepts(/a[^x]*b/, `a${"c".repeat(3000)}b`)).toBe(false);
});

test.each([/(a+)+b/, /(a|b)*c/, /((a)+)*c/, /(?:a{2,})+b/, /(a)\1/, /a(?=b)/, /a(?<!b)/, /(?<n>a)\k<n>/])(
  "the pattern %s is refused, since it may run for ages or looks around",
  (pattern) => {
    expect(() => accepts(pattern)).toThrow(/repeats a repetition/);
  },
);

test.each([/https:\/\/github\.com\/(acme|other)\/.*/, /a\+b@example\.org/, /[(+)*]+@example\.org/, /(?:a+b)?@x\.org/])(
  "the pattern %s may be asked",
  (pattern) => {
    expect(() => accepts(pattern)).not.toThrow();
  },
);

test("a pattern of many repetitions is not run over a name that would take ages, and is over an ordinary one", () => {
  const pattern = /.*a.*a.*a.*a.*x/;
  expect(accepts(pattern, "a".repeat(2000))).toBe(false);
  expect(
    accepts(
      /https:\/\/github\.com\/[^/]+\/[^/]+\/\.github\/[^@]+@refs\/tags\/v.*/,
      `${got.subject}/.github/workflows/a-long-name-of-a-workflow-for-releases.yml@refs/tags/v1.2.3`,
    ),
  ).toBe(true);
});
