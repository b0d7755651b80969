import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";
import { parseNextLink } from "./link.ts";
import { mergeScopes } from "./scope.ts";

test("a challenge is read as registries write it", () => {
  expect(
    parseChallenges(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    ),
  ).toEqual([
    {
      scheme: "bearer",
      parameters: {
        realm: "https://auth.docker.io/token",
        service: "registry.docker.io",
        scope: "repository:a/b:pull,push",
      },
    },
  ]);
});

test("several challenges, odd spacing, tokens without quotes and escapes are read", () => {
  expect(parseChallenges('Basic realm="a, b=\\"c\\"" , BEARER  Realm = x,service=y, Negotiate')).toEqual([
    { scheme: "basic", parameters: { realm: 'a, b="c"' } },
    { scheme: "bearer", parameters: { realm: "x", service: "y" } },
    { scheme: "negotiate", parameters: {} },
  ]);
});

test("the first of two values stands, and a name of an object's own means nothing", () => {
  expect(parseChallenges("Bearer realm=a,realm=b")[0]?.parameters["realm"]).toBe("a");
  expect(parseChallenges("Bearer __proto__=x")[0]?.parameters["realm"]).toBeUndefined();
});

test("nonsense of any length ends, and gives nothing that could be used", () => {
  for (const text of [
    undefined,
    "",
    '"""',
    "====",
    ",,,,",
    'Bearer realm="unclosed',
    "\u0000",
    "'".repeat(100_000),
    '\\"'.repeat(50_000),
  ]) {
    for (const { parameters } of parseChallenges(text)) expect(Object.keys(parameters).length).toBeLessThan(3);
  }
});

test("the next page is the link whose relation is next", () => {
  expect(parseNextLink('</v2/a?n=1>; rel="next"')).toBe("/v2/a?n=1");
  expect(parseNextLink('<a>; rel="prev", <b>;title="x"; REL=Next')).toBe("b");
  expect(parseNextLink('<a>; rel="prev next"')).toBe("a");
  for (const text of [undefined, "", "<a>", '<a>; rel="prev"', "a; rel=next", "<a; rel=next", "<".repeat(10_000)]) {
    expect(parseNextLink(text), text?.slice(0, 20)).toBeUndefined();
  }
});

test("scopes of one repository are joined in one order", () => {
  expect(mergeScopes(["repository:b:push,pull", "", "repository:a:pull", "repository:b:delete", "odd"])).toEqual([
    "repository:a:pull",
    "repository:b:delete,pull,push",
  ]);
});
