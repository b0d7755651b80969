import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import type { SecureContextOptions } from "node:tls";
import { expect, test } from "vitest";
import { createAuthority } from "./certificate.ts";
import { startRegistry } from "./registry/registry.ts";

async function visit(origin: string, tls: SecureContextOptions): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>();
  const sent = request(`${origin}/v2/`, { ...tls, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.on("error", (error: NodeJS.ErrnoException) => {
    resolve(error.code ?? error.message);
  });
  sent.end();
  return promise;
}

test("a registry over TLS is trusted with its authority's certificate and not without", async () => {
  await using registry = await startRegistry({ tls: {} });
  expect(await visit(registry.origin, { ca: registry.caCertificate })).toBe(200);
  expect(await visit(registry.origin, { ca: createAuthority().certificate })).toMatch(/UNABLE|SELF_SIGNED|CERT_/);
  expect(await visit(registry.origin.replace("127.0.0.1", "localhost"), { ca: registry.caCertificate })).toBe(200);
});

test("a certificate for another name, or of another time, is no certificate", async () => {
  const authority = createAuthority();
  const ca = authority.certificate;
  await using elsewhere = await startRegistry({ tls: { identity: authority.issue({ names: ["registry.example"] }) } });
  expect(await visit(elsewhere.origin, { ca })).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  await using expired = await startRegistry({
    tls: { identity: authority.issue({ notAfter: new Date("2021-01-01T00:00:00Z") }) },
  });
  expect(await visit(expired.origin, { ca })).toBe("CERT_HAS_EXPIRED");
});

test("a registry that wants client certificates takes those of its authority only", async () => {
  const clients = createAuthority("Clients");
  await using registry = await startRegistry({ tls: { clientCa: clients.certificate } });
  const trust = { ca: registry.caCertificate };
  const known = clients.issue({ names: ["ann"] });
  const unknown = createAuthority("Others").issue({ names: ["ann"] });
  expect(await visit(registry.origin, { ...trust, cert: known.certificate, key: known.privateKey })).toBe(200);
  expect(await visit(registry.origin, { ...trust, cert: unknown.certificate, key: unknown.privateKey })).not.toBe(200);
  expect(await visit(registry.origin, trust)).not.toBe(200);
});

test("a server of TLS 1.1 is refused by a client that wants 1.2", async () => {
  await using registry = await startRegistry({ tls: { maxVersion: "TLSv1.1" } });
  const ca = registry.caCertificate;
  expect(await visit(registry.origin, { ca, minVersion: "TLSv1.2" })).toMatch(/PROTOCOL|VERSION|EPROTO/);
  expect(await visit(registry.origin, { ca, minVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).toBe(200);
});

test("an authority may sign and a leaf may not", () => {
  const authority = createAuthority();
  expect(new X509Certificate(authority.certificate).ca).toBe(true);
  expect(new X509Certificate(authority.issue({}).certificate).ca).toBe(false);
  expect(new X509Certificate(authority.issue({ names: ["a.example"] }).certificate).checkHost("a.example")).toBe(
    "a.example",
  );
});
