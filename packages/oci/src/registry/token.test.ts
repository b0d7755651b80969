import { createHttpClient, type HttpClient, type HttpRequest } from "@sc/http";
import { startRegistry } from "@sc/testing";
import { expect, test } from "vitest";
import { fetchToken } from "./token.ts";

test.each([
  ["a password", { kind: "password", user: "ann", secret: "s3cret", from: "test" }],
  ["an identity token", { kind: "identity-token", user: "", secret: "an-identity", from: "test" }],
] as const)(
  "a token service is asked with %s as one that the registry named, so that its name may not lead inside (oras-go GHSA-xf85)",
  async (_, credential) => {
    await using server = await startRegistry({
      auth: { scheme: "bearer", users: { ann: "s3cret" }, refreshTokens: ["an-identity"] },
    });
    await using client = createHttpClient();
    const asked: HttpRequest[] = [];
    const http: HttpClient = {
      request: async (request) => (asked.push(request), await client.request(request)),
      [Symbol.asyncDispose]: async () => {},
    };
    const registry = new URL(`${server.origin}/v2/`);
    const realm = new URL(`${server.tokenServer.origin}/token`);
    const request = { realm, service: "test", scopes: ["repository:app:pull"], credential };
    expect((await fetchToken(http, request, { registry, now: () => 0 })).value).toMatch(/^token-/);
    expect(asked.map(({ namedBy, redirect }) => [String(namedBy), redirect])).toEqual([[String(registry), "manual"]]);
  },
);
