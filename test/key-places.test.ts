import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HttpClient } from "@sc/http";
import { isScError, type ScError } from "@sc/model";
import { openSigner, readPublicKeys, signImage, verifyImage } from "@sc/sign";
import { createAuthority, startRegistry, startServer } from "@sc/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { image, newKey, openImages, outcomeOf } from "./sign-support.ts";

let folder: string;
let all: string;
beforeAll(async () => {
  all = await mkdtemp(join(tmpdir(), "sc-keys-"));
});
afterAll(async () => {
  await rm(all, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(all, "d-"));
});

async function refusalOf(call: () => Promise<unknown>): Promise<ScError> {
  const error: unknown = await Promise.resolve()
    .then(call)
    .catch((thrown: unknown) => thrown);
  if (isScError(error)) return error;
  throw new Error("not refused", { cause: error });
}

async function put(name: string): Promise<string> {
  const { publicKey } = newKey();
  await writeFile(join(folder, name), publicKey.pem);
  return publicKey.id;
}

describe("a directory of public keys (SIGN-1)", () => {
  test("gives those of every .pub and .pem file, in the order of names", async () => {
    const second = await put("b.pub");
    const first = await put("a.pem");
    await writeFile(join(folder, "README.md"), "not a key");
    await mkdir(join(folder, "c.pub"));
    expect((await readPublicKeys(folder)).map(({ id }) => id)).toEqual([first, second]);
  });

  test.each([
    ["k.pub", undefined, undefined],
    ["k_from_2026-01-01.pub", "2026-01-01T00:00:00.000Z", undefined],
    ["k_until_2026-12-31.pub", undefined, "2026-12-31T23:59:59.999Z"],
    ["k_from_2026-01-01_until_2026-12-31.pem", "2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"],
    ["k_from_2026-02-28_until_2026-02-28.pub", "2026-02-28T00:00:00.000Z", "2026-02-28T23:59:59.999Z"],
    ["fromage_until.pub", undefined, undefined],
  ])("named %s counts from %s until %s", async (name, start, end) => {
    await put(name);
    const [key] = await readPublicKeys(folder);
    expect([key?.validity?.start?.toISOString(), key?.validity?.end?.toISOString()]).toEqual([start, end]);
  });

  test.each([
    "k_until_2026-02-31.pub",
    "k_until_2026.pub",
    "k_from_soon.pub",
    "k_from_.pub",
    "k_from_2026-12-31_until_2026-01-01.pub",
  ])("named %s is refused: what cannot be read never becomes a key without bounds", async (name) => {
    await put(name);
    expect((await refusalOf(() => readPublicKeys(folder))).code).toBe("KEY_INVALID");
  });

  test("without a key, with a private one or with more than 64 is refused", async () => {
    expect((await refusalOf(() => readPublicKeys(folder))).code).toBe("KEY_NOT_FOUND");
    const pem = newKey().privateKey.export({ format: "pem", type: "pkcs8" });
    await writeFile(join(folder, "private.pem"), pem);
    expect((await refusalOf(() => readPublicKeys(folder))).code).toBe("KEY_INVALID");
    await rm(join(folder, "private.pem"));
    const { publicKey } = newKey();
    for (let number = 0; number < 65; number += 1) await writeFile(join(folder, `${number}.pub`), publicKey.pem);
    expect((await refusalOf(() => readPublicKeys(folder))).code).toBe("KEY_INVALID");
  });

  test("verifies what any of them signed, and a bounded one only with proof of the time", async () => {
    await using registry = await startRegistry();
    await using store = openImages(registry, "acme/rotated");
    const key = newKey();
    await writeFile(join(folder, "new.pub"), key.publicKey.pem);
    await put("old.pub");
    await signImage(store, image, key.signer);
    await verifyImage(store, image, { keys: await readPublicKeys(folder) });
    await put("older_until_2020-01-01.pub");
    const keys = await readPublicKeys(folder);
    expect(await outcomeOf(() => verifyImage(store, image, { keys }))).toBe("POLICY_INVALID");
  });
});

describe("a public key on a web server (SIGN-7)", () => {
  const authority = createAuthority();
  const tls = authority.issue({});
  let client: HttpClient;
  beforeAll(() => {
    client = createHttpClient({ tls: { extraCa: [authority.certificate] } });
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
  });

  async function fetched(body: string, status = 200, headers = {}): Promise<string> {
    await using server = await startServer({
      faults: [],
      tls: { cert: tls.certificate, key: tls.privateKey },
      answer: () => ({ status, headers, body: Buffer.from(body) }),
    });
    return await outcomeOf(() => readPublicKeys(`${server.origin}/cosign.pub`, { client }));
  }

  test("is fetched over TLS", async () => {
    expect(await fetched(newKey().publicKey.pem)).toBe("accepted");
  });

  test("that is not there, or is something else, is said so", async () => {
    expect(await fetched("no", 404)).toBe("KEY_NOT_FOUND");
    expect(await fetched("<html>")).toBe("KEY_INVALID");
    const pem = newKey().privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    expect(await fetched(pem)).toBe("KEY_INVALID");
  });

  test("is never read beyond the size of key files", async () => {
    expect(await fetched(newKey().publicKey.pem + "\n".repeat(70_000))).toBe("KEY_INVALID");
  });

  test("is not followed to where there is no TLS", async () => {
    await using plain = await startServer({
      faults: [],
      answer: () => ({ status: 200, headers: {}, body: Buffer.from(newKey().publicKey.pem) }),
    });
    expect(await fetched("", 302, { location: `${plain.origin}/cosign.pub` })).not.toBe("accepted");
    expect(plain.requests).toEqual([]);
    expect(await outcomeOf(() => readPublicKeys(`${plain.origin}/cosign.pub`, { client }))).toBe(
      "KEY_REFERENCE_UNSUPPORTED",
    );
  });

  test("needs a client, and a private key is never fetched", async () => {
    expect((await refusalOf(() => readPublicKeys("https://example.org/k.pub"))).code).toBe("KEY_NOT_FOUND");
    const error = await refusalOf(() => openSigner("https://example.org/k?token=secret", { client }));
    expect(error.code).toBe("KEY_REFERENCE_UNSUPPORTED");
    expect(error.message).not.toContain("secret");
  });
});
