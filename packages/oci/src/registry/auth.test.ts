import { isScError, type ScError } from "@sc/model";
import { createAuthority, startRegistry, startServer, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import type { ImageDestination } from "../source.ts";
import { openRegistry, type OpenRegistryOptions } from "./repository.ts";
import { RegistrySession } from "./session.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const users = { me: "pa:ss" };
let now = 0;
const clock = { now: () => now, random: () => 0.5, sleep: async () => {} };

function open(server: TestRegistry, options: OpenRegistryOptions = {}): ImageDestination {
  return openRegistry({ registry: server.host, repository: "app" }, { clock, http: { clock }, ...options });
}

const mine = (server: TestRegistry): OpenRegistryOptions => ({
  credentials: { explicit: [{ registry: server.host, user: "me", password: "pa:ss" }] },
});
const put = (server: TestRegistry, tag = "v1"): unknown =>
  server.putManifest("app", { bytes: JSON.stringify({ mediaType: manifestType }), mediaType: manifestType, tag });
const lines = (requests: TestRegistry["requests"]): readonly string[] =>
  requests.map(({ method, target, status }) => `${method} ${target} ${status}`);

async function errorOf(work: Promise<unknown>): Promise<ScError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isScError(error)) throw new Error("wanted an error of this family", { cause: error });
  return error;
}

describe("the token flow", () => {
  test("begins with the real request, needs no ping, and keeps its token (OCI-4)", async () => {
    await using server = await startRegistry({ auth: { scheme: "bearer", users } });
    put(server);
    const blob = server.putBlob("app", Buffer.from("x"));
    await using repository = open(server, mine(server));
    await repository.resolve("v1");
    await repository.fetchManifest("v1");
    await repository.fetchBlob(blob, { maxBytes: 1 });
    expect(lines(server.requests)).toEqual([
      "HEAD /v2/app/manifests/v1 401",
      "HEAD /v2/app/manifests/v1 200",
      "GET /v2/app/manifests/v1 200",
      `GET /v2/app/blobs/${blob.digest} 200`,
    ]);
    expect(lines(server.tokenServer.requests)).toEqual([
      "GET /token?service=test-registry&scope=repository%3Aapp%3Apull 200",
    ]);
  });

  test("asks for more when more is needed, without another 401", async () => {
    await using server = await startRegistry({ auth: { scheme: "bearer", users } });
    put(server);
    await using repository = open(server, mine(server));
    await repository.resolve("v1");
    await repository.pushBlob(Buffer.from("x"), "text/plain");
    expect(server.requests.map(({ status }) => status)).toEqual([401, 200, 201]);
    expect(
      server.tokenServer.requests.map(({ target }) => new URL(target, "http://x").searchParams.get("scope")),
    ).toEqual(["repository:app:pull", "repository:app:pull,push"]);
  });

  test("is shared by all repositories and requests of a session, and asked once by many at once", async () => {
    await using server = await startRegistry({ auth: { scheme: "bearer", users } });
    put(server);
    await using session = new RegistrySession({ clock, http: { clock }, ...mine(server) });
    const first = open(server, { session });
    await first.resolve("v1");
    const second = open(server, { session });
    server.expireTokens();
    await Promise.all(Array.from({ length: 5 }, async () => await second.fetchManifest("v1")));
    expect(server.tokenServer.requests.length).toBeLessThanOrEqual(3);
  });

  test("fetches a new token when the old one is refused, and when its time is over", async () => {
    await using server = await startRegistry({ auth: { scheme: "bearer", users, expiresInSeconds: 300 } });
    put(server);
    await using repository = open(server, mine(server));
    now = 0;
    await repository.resolve("v1");
    server.expireTokens();
    expect(await repository.resolve("v1")).toBeDefined();
    expect(server.requests.map(({ status }) => status)).toEqual([401, 200, 401, 200]);
    now = 280_000;
    await repository.resolve("v1");
    expect(server.tokenServer.requests).toHaveLength(2);
    now = 295_000;
    await repository.resolve("v1");
    expect(server.tokenServer.requests).toHaveLength(3);
    expect(server.requests.slice(4).map(({ status }) => status)).toEqual([200, 200]);
  });

  test("works for nobody in particular", async () => {
    await using server = await startRegistry({ auth: { scheme: "bearer" } });
    put(server);
    await using repository = open(server);
    expect(await repository.resolve("v1")).toBeDefined();
    expect(server.tokenServer.requests[0]?.headers["authorization"]).toBeUndefined();
  });

  test.each(["token", "access_token"] as const)("takes the token under the name %s", async (tokenMember) => {
    await using server = await startRegistry({ auth: { scheme: "bearer", tokenMember } });
    put(server);
    await using repository = open(server);
    expect(await repository.resolve("v1")).toBeDefined();
  });

  test("trades an identity token by POST, and never sends it to the registry", async () => {
    await using server = await startRegistry({
      auth: { scheme: "bearer", refreshTokens: ["refresh-secret"], anonymous: "nothing", postOnly: true },
    });
    put(server);
    const explicit = [{ registry: server.host, identityToken: "refresh-secret" }];
    await using repository = open(server, { credentials: { explicit } });
    expect(await repository.resolve("v1")).toBeDefined();
    expect(lines(server.tokenServer.requests)).toEqual(["POST /token 200"]);
    expect(JSON.stringify([server.requests, server.tokenServer.requests])).not.toContain("refresh-secret");
  });

  test("Basic is sent where Basic is wanted, from the second request on at once", async () => {
    await using server = await startRegistry({ auth: { scheme: "basic", users } });
    put(server);
    await using repository = open(server, mine(server));
    await repository.resolve("v1");
    await repository.resolve("v1");
    expect(server.requests.map(({ status }) => status)).toEqual([401, 200, 200]);
  });
});

describe("a refusal", () => {
  test("says that nothing was sent, and where was looked", async () => {
    await using server = await startRegistry({ auth: { scheme: "basic", users } });
    await using repository = open(server, { credentials: { dockerConfig: "/nowhere/config.json" } });
    const error = await errorOf(repository.fetchManifest("v1"));
    expect(error.code).toBe("OCI_UNAUTHORIZED");
    expect(error.message).toBe(`${server.host}/app:v1: ${server.host} wants credentials (401)`);
    expect(error.facts).toEqual({
      image: `${server.host}/app:v1 (GET /v2/app/manifests/v1 → 401)`,
      sent: `nothing: no entry for ${server.host} in /nowhere/config.json`,
      answered: 'UNAUTHORIZED: "unauthorized"',
      codes: "UNAUTHORIZED",
    });
    expect(error.hint).toContain(`docker login ${server.host}`);
  });

  test("says whose credential was sent and from where, and never the secret", async () => {
    for (const scheme of ["basic", "bearer"] as const) {
      await using server = await startRegistry({ auth: { scheme, users } });
      const explicit = [{ registry: server.host, user: "me", password: "wrong-secret" }];
      await using repository = open(server, { credentials: { explicit } });
      const error = await errorOf(repository.resolve("v1"));
      expect(error.code).toBe("OCI_UNAUTHORIZED");
      expect(error.facts["sent"]).toBe('user "me" from the options');
      const secrets = /wrong-secret|d3Jvbm/;
      expect(JSON.stringify([error.message, error.facts, error.hint, String(error.cause)])).not.toMatch(secrets);
    }
  });

  test("keeps the registry's own codes, and survives answers that are no error documents", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    const bodies: readonly (readonly [number, string, string, string | undefined])[] = [
      [403, '{"errors":[{"code":"DENIED","message":"no\\u001b[31m"}]}', "REGISTRY_DENIED", "DENIED"],
      [429, '{"errors":[{"code":"TOOMANYREQUESTS"}]}', "REGISTRY_RATE_LIMITED", "TOOMANYREQUESTS"],
      [500, "<html>oops</html>", "REGISTRY_FAILED", undefined],
      [418, '{"errors":"x"}', "REGISTRY_REFUSED", undefined],
      [400, '{"errors":[1,null,{"code":5},{"code":"a b","message":"m"}]}', "REGISTRY_REFUSED", undefined],
      [403, "x".repeat(200_000), "REGISTRY_DENIED", undefined],
    ];
    for (const [status, body, code, codes] of bodies) {
      server.inject({ path: /manifests/, effect: { type: "status", status, body } });
      const error = await errorOf(repository.fetchManifest("v1"));
      expect([error.code, error.facts["codes"]]).toEqual([code, codes]);
      expect(JSON.stringify(error.facts).length).toBeLessThan(2000);
      expect(error.facts["answered"] ?? "").not.toContain("\u001b");
      server.clearFaults();
    }
  });
});

describe("a credential goes only where it belongs", () => {
  test("not to a registry of another host or port (OCI-4)", async () => {
    await using server = await startRegistry({ auth: { scheme: "basic", users } });
    const [, port = ""] = server.host.split(":");
    const explicit = [`127.0.0.1:${Number(port) + 1}`, "127.0.0.1", `localhost:${port}`, `1127.0.0.1:${port}`].map(
      (registry) => ({
        registry,
        user: "me",
        password: "pa:ss",
      }),
    );
    await using repository = open(server, { credentials: { explicit } });
    await errorOf(repository.fetchManifest("v1"));
    for (const { headers } of server.requests) expect(headers["authorization"]).toBeUndefined();
  });

  test("not to a token realm that is a metadata service, nor to one without TLS when the registry has it (oras-go GHSA-xf85)", async () => {
    const asked: string[] = [];
    await using elsewhere = await startServer({
      faults: [],
      answer: (request) => {
        asked.push(request.headers.authorization ?? "-");
        return { status: 200, headers: {}, body: Buffer.from('{"token":"t"}') };
      },
    });
    for (const realm of [
      "http://169.254.169.254/token",
      "https://169.254.169.254/token",
      "http://tokens.example/token",
      "file:///x",
      "https://user:x@host/",
      "nonsense://",
    ]) {
      await using server = await startRegistry({ auth: { scheme: "bearer", users, realm } });
      await using repository = open(server, mine(server));
      expect((await errorOf(repository.resolve("v1"))).code).toBe("REDIRECT_REFUSED");
    }
    await using secure = await startRegistry({
      auth: { scheme: "bearer", users, realm: `${elsewhere.origin}/token` },
      tls: {},
    });
    await using repository = open(secure, {
      ...mine(secure),
      tlsLoopback: [secure.host],
      http: { tls: { extraCa: [secure.caCertificate ?? ""] } },
    });
    expect((await errorOf(repository.resolve("v1"))).code).toBe("REDIRECT_REFUSED");
    expect(asked).toEqual([]);
  });

  test("not along a redirect of the token service, by GET or POST", async () => {
    const asked: string[] = [];
    await using thief = await startServer({
      faults: [],
      answer: (request) => {
        asked.push(`${request.headers.authorization} ${Buffer.from(request.body).toString()}`);
        return { status: 200, headers: {}, body: Buffer.from('{"token":"t"}') };
      },
    });
    await using server = await startRegistry({ auth: { scheme: "bearer", users } });
    server.inject({
      path: /^\/token/,
      effect: { type: "status", status: 307, headers: { location: `${thief.origin}/` } },
    });
    for (const credentials of [
      mine(server).credentials,
      { explicit: [{ registry: server.host, identityToken: "refresh" }] },
    ]) {
      await using repository = open(server, credentials === undefined ? {} : { credentials });
      expect((await errorOf(repository.resolve("v1"))).code).toBe("TOKEN_FAILED");
    }
    expect(asked).toEqual([]);
  });

  test("not to an upload location on another origin (oras-go GHSA-jxpm)", async () => {
    await using thief = await startServer({ faults: [], answer: () => ({ status: 201, headers: {} }) });
    await using server = await startRegistry({ auth: { scheme: "basic", users }, monolithicPost: false });
    server.inject({
      method: "POST",
      path: /uploads/,
      effect: { type: "headers", headers: { location: `${thief.origin}/upload?a=b` } },
    });
    await using repository = open(server, mine(server));
    await repository.pushBlob(Buffer.from("x"), "text/plain");
    expect(thief.requests.map(({ target }) => target)).toEqual([
      expect.stringMatching(/^\/upload\?a=b&digest=sha256%3A/),
    ]);
    expect(thief.requests[0]?.headers["authorization"]).toBeUndefined();
  });

  test("a token document that is none, huge, or holds a line break is refused without quoting it", async () => {
    await using server = await startRegistry({ auth: { scheme: "bearer", users } });
    for (const body of [
      '{"token":"s3cret\\r\\nx: y"}',
      "s3cret",
      '{"token":5}',
      "{}",
      `{"token":"${"s3cret".repeat(100_000)}"}`,
    ]) {
      server.inject({ path: /^\/token/, effect: { type: "status", status: 200, body } });
      await using repository = open(server, mine(server));
      const error = await errorOf(repository.resolve("v1"));
      expect(["TOKEN_FAILED", "BODY_TOO_LARGE"]).toContain(error.code);
      expect(`${error.message} ${String(error.cause)}`).not.toContain("s3cret");
      server.clearFaults();
    }
  });
});

describe("transport", () => {
  test("a registry with TLS and client certificates is asked over both (OCI-5)", async () => {
    const clients = createAuthority("Clients");
    const { certificate, privateKey } = clients.issue({ names: ["me"] });
    await using server = await startRegistry({ tls: { clientCa: clients.certificate } });
    put(server);
    const tls = { extraCa: [server.caCertificate ?? ""], clientCertificate: certificate, clientKey: privateKey };
    await using repository = open(server, { tlsLoopback: [server.host], http: { tls } });
    expect(await repository.resolve("v1")).toBeDefined();
  });

  test("plain http is for loopback and for hosts that are named, exactly", async () => {
    await using server = await startRegistry();
    put(server);
    await using named = open(server, { tlsLoopback: [server.host], plainHttp: [server.host] });
    expect(await named.resolve("v1")).toBeDefined();
    await using other = open(server, {
      tlsLoopback: [server.host],
      plainHttp: ["127.0.0.1", "localhost"],
      http: { retry: { tries: 1 } },
    });
    expect((await errorOf(other.resolve("v1"))).code).toBe("TLS_FAILED");
  });

  test("offline asks nobody", async () => {
    await using server = await startRegistry();
    await using repository = open(server, { http: { offline: true } });
    expect((await errorOf(repository.resolve("v1"))).code).toBe("OFFLINE");
    expect(server.requests).toHaveLength(0);
  });
});
