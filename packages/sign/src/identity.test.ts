import { expect, test } from "vitest";
import { checkIdentity, checkIdentityPolicy, githubOrganization, type IdentityPolicy } from "./identity.ts";

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

test("a text is the whole name and the whole issuer, to the letter and its case (SIGN-5)", () => {
  for (const other of [got.subject.slice(0, -1), `${got.subject}/`, got.subject.replace("acme", "Acme"), ""]) {
    if (other !== "") expect(accepts(other), other).toBe(false);
    expect(accepts(got.subject, other), other).toBe(false);
  }
  const by = (policy: IdentityPolicy) => () => checkIdentity(got, [policy], "test");
  expect(by({ subject: got.subject, issuer: got.issuer })).not.toThrow();
  for (const issuer of ["https://issuer.example.or", "https://issuer.example.org/", "https://Issuer.example.org"]) {
    expect(by({ subject: got.subject, issuer })).toThrow(/signed by/);
  }
  expect(by({ subject: got.subject, issuer: /https:\/\/issuer\.example/ })).toThrow(/signed by/);
  expect(by({ subject: got.subject, issuer: got.issuer, claims: { buildTrigger: "push" } })).toThrow(/signed by/);
});

test("an organization is a name of GitHub's form, by GitHub's issuer and the owner's claim (SIGN-5)", () => {
  for (const name of ["", "acme/api", "-acme", "a".repeat(40), "acme.", "acme?", ".*"]) {
    expect(() => githubOrganization(name), name).toThrow(expect.objectContaining({ code: "POLICY_INVALID" }));
  }
  const subject = "https://github.com/acme/api/.github/workflows/ci.yml@refs/heads/main";
  const claims = { sourceRepositoryOwnerUri: "https://github.com/acme" };
  const issuer = "https://token.actions.githubusercontent.com";
  const acme = githubOrganization("acme");
  const by = (who: typeof got) => () => checkIdentity(who, [acme], "test");
  expect(by({ subject, issuer, claims })).not.toThrow();
  expect(by({ subject, issuer: "https://issuer.example.org", claims })).toThrow(/signed by/);
  expect(by({ subject, issuer, claims: {} })).toThrow(/signed by/);
  expect(by({ subject: "https://github.com/acme", issuer, claims })).toThrow(/signed by/);
});

test("a name longer than any real one is not matched at all", () => {
  expect(accepts(/a[^x]*b/, `a${"c".repeat(3000)}b`)).toBe(false);
});

test.each([
  [/(a)\1/, String.raw`\1`],
  [/a(?=b)/, "(?="],
  [/a(?!b)/, "(?!"],
  [/a(?<!b)/, "(?<!"],
  [/(?<n>a)\k<n>/, String.raw`\k`],
  [/(?i:a)/, "(?i"],
  [/[[:alpha:]]/, "[[:alpha:]"],
  [new RegExp("[]"), "[]"],
  [/\cA/, String.raw`\c`],
  [/\p{L}/u, String.raw`\p`],
  [/a{10001}/, "{"],
  [/a/v, "the flag v"],
  [new RegExp(`${"(".repeat(60)}a${")".repeat(60)}`), "more than 50 groups in each other"],
  [/(?:a{500}){500}/, "more than 2000 steps"],
  [/(?:(?:(?:){999}){999}){999}/, "more than 2000 steps"],
])("the pattern %s is refused, and what it asks for is named: %s (SIGN-5)", (pattern, piece) => {
  const refused = expect.objectContaining({
    code: "POLICY_INVALID",
    message: expect.stringContaining(`cannot take ${JSON.stringify(piece)}`),
  });
  expect(() => accepts(pattern)).toThrow(refused);
});

test.each([/https:\/\/github\.com\/(acme|other)\/.*/, /a\+b@example\.org/, /[(+)*]+@example\.org/, /(?:a+b)?@x\.org/])(
  "the pattern %s may be asked",
  (pattern) => {
    expect(() => accepts(pattern)).not.toThrow();
  },
);

test.each([/(a+)+b/, /(a|a)*b/, /(a|b|ab)*c/, /(?:a{2,})+b/, /.*a.*a.*a.*a.*a.*a.*x/, /(?:a?){200}a{200}b/, /(.*)*x/])(
  "the pattern %s is answered over a name that an attacker chose (CVE-2025-66506)",
  (pattern) => {
    // By going back and trying again any of these would take longer than the universe has.
    expect(accepts(pattern, "a".repeat(2000))).toBe(false);
  },
);

test("a pattern of many repetitions matches a name, however long it took others", () => {
  expect(accepts(/(a+)+b/, `${"a".repeat(2000)}b`)).toBe(true);
  const workflow = "a-long-name-of-a-workflow-for-releases.yml@refs/tags/v1.2.3";
  const pattern = /https:\/\/github\.com\/[^/]+\/[^/]+\/\.github\/[^@]+@refs\/tags\/v.*/;
  expect(accepts(pattern, `${got.subject}/.github/workflows/${workflow}`)).toBe(true);
});

test("a refusal names each claim that is another, got and wanted, and none that is right (SIGN-5)", () => {
  const claims = { buildTrigger: "push", sourceRepositoryOwnerUri: "https://github.com/acme-evil" };
  const wanted = {
    ...claims,
    sourceRepositoryOwnerUri: "https://github.com/acme",
    sourceRepositoryRef: "refs/heads/main",
  };
  const { subject, issuer } = got;
  const refuse = (): void => checkIdentity({ ...got, claims }, [{ subject, issuer, claims: wanted }], "test");
  expect(refuse).toThrow(
    expect.objectContaining({
      facts: {
        identity: JSON.stringify(subject),
        issuer: JSON.stringify(issuer),
        expected: subject,
        "expected issuer": issuer,
        sourceRepositoryOwnerUri: '"https://github.com/acme-evil"',
        "expected sourceRepositoryOwnerUri": '"https://github.com/acme"',
        sourceRepositoryRef: "not said",
        "expected sourceRepositoryRef": '"refs/heads/main"',
      },
    }),
  );
});
