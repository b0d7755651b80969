import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { encodeBase64 } from "./base64.ts";
import { generateKeyPair, importKeyPair, parsePrivateKey } from "./private-key.ts";
import { describePublicKey, keyAlgorithms, matchSignature, parsePublicKeys } from "./public-key.ts";
import { createKeySigner } from "./signer.ts";

const password = new TextEncoder().encode("correct horse");
const content = new TextEncoder().encode("content");

test.each(keyAlgorithms)(
  "a generated %s key opens with its password and signs what its public half accepts (SIGN-1)",
  async (algorithm) => {
    const pair = await generateKeyPair({ password, algorithm });
    expect(pair.privateKeyPem).toMatch(/^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n/);
    const key = await parsePrivateKey(pair.privateKeyPem, "test key", { password });
    const signature = await createKeySigner(key).sign(content);
    const [publicKey] = parsePublicKeys(pair.publicKeyPem, "test key");
    expect(publicKey?.algorithm).toBe(algorithm);
    expect(publicKey?.id).toBe(pair.publicKey.id);
    expect(matchSignature(pair.publicKey.key, content, signature.bytes)).toBeDefined();
    expect(matchSignature(pair.publicKey.key, new TextEncoder().encode("other"), signature.bytes)).toBe(undefined);
  },
);

test("a key file holds the parameters cosign writes: scrypt with N 65536, r 8, p 1", async () => {
  const { privateKeyPem } = await generateKeyPair({ password });
  const body = privateKeyPem.split("\n").slice(1, -2).join("");
  const document: { kdf: { params: unknown } } = JSON.parse(Buffer.from(body, "base64").toString());
  expect(document.kdf.params).toEqual({ N: 65_536, r: 8, p: 1 });
});

test("without a password, and with a wrong one, an encrypted key stays closed", async () => {
  const { privateKeyPem } = await generateKeyPair({ password });
  await expect(parsePrivateKey(privateKeyPem, "test key")).rejects.toMatchObject({ code: "KEY_PASSWORD_WRONG" });
  const wrong = new TextEncoder().encode("wrong");
  await expect(parsePrivateKey(privateKeyPem, "k", { password: wrong })).rejects.toMatchObject({
    code: "KEY_PASSWORD_WRONG",
  });
});

test("whoever is interrupted while a key is opened does not wait for it (SIGN-1)", async () => {
  const { privateKeyPem } = await generateKeyPair({ password });
  const interruption = new AbortController();
  const opening = parsePrivateKey(privateKeyPem, "key", { password, signal: interruption.signal });
  // Past the loading of the cipher, while a thread derives.
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  interruption.abort(new Error("interrupted"));
  await expect(opening).rejects.toThrow("interrupted");
});

function encryptedKeyWith(params: object): string {
  const document = {
    kdf: { name: "scrypt", params, salt: encodeBase64(Buffer.alloc(32)) },
    cipher: { name: "nacl/secretbox", nonce: encodeBase64(Buffer.alloc(24)) },
    ciphertext: encodeBase64(Buffer.alloc(100)),
  };
  const body = Buffer.from(JSON.stringify(document)).toString("base64");
  return `-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n${body}\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n`;
}

test.each([
  ["a gibibyte of memory", { N: 1_048_576, r: 8, p: 1 }],
  ["memory through r", { N: 65_536, r: 64, p: 1 }],
  ["hours through p", { N: 65_536, r: 8, p: 100_000 }],
  ["an N that is no power of two", { N: 65_535, r: 8, p: 1 }],
  ["an N of 0", { N: 0, r: 8, p: 1 }],
])("a key file that asks for %s is refused before scrypt runs", async (_what, params) => {
  await expect(parsePrivateKey(encryptedKeyWith(params), "hostile", { password })).rejects.toMatchObject({
    code: "KEY_INVALID",
  });
});

test("PKCS#8, SEC1, PKCS#1 and encrypted PKCS#8 import as the same key under a new password", async () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const cases = [
    [ec, ec.privateKey.export({ format: "pem", type: "pkcs8" })],
    [ec, ec.privateKey.export({ format: "pem", type: "sec1" })],
    [ec, ec.privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "correct horse" })],
    [rsa, rsa.privateKey.export({ format: "pem", type: "pkcs1" })],
  ] as const;
  for (const [pair, pem] of cases) {
    const newPassword = new TextEncoder().encode("new");
    const imported = await importKeyPair(pem.toString(), { password, newPassword });
    expect(imported.publicKey.id).toBe(describePublicKey(pair.publicKey, "original").id);
    const opened = await parsePrivateKey(imported.privateKeyPem, "imported", { password: newPassword });
    expect(createPublicKey(opened).equals(pair.publicKey)).toBe(true);
  }
});

test("weak and foreign keys are refused: RSA 1024, RSA exponent 3, P-224, RSA-PSS, a public key", async () => {
  const refused = [
    generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey,
    generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).privateKey,
    generateKeyPairSync("ec", { namedCurve: "secp224r1" }).privateKey,
    generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey,
  ];
  for (const key of refused) {
    const pem = key.export({ format: "pem", type: "pkcs8" }).toString();
    await expect(parsePrivateKey(pem, "weak")).rejects.toMatchObject({ code: "KEY_INVALID" });
  }
  const { publicKeyPem } = await generateKeyPair({ password });
  await expect(parsePrivateKey(publicKeyPem, "public")).rejects.toThrow(/wanted a private key, got "PUBLIC KEY"/);
});

test("an RSA key larger than cosign takes is verified by and not imported (SIGN-1)", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 4104 });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const refused = importKeyPair(pem, { newPassword: password });
  await expect(refused).rejects.toMatchObject({ code: "KEY_INVALID", message: expect.stringContaining("4104 bits") });
  expect(describePublicKey(publicKey, "key").algorithm).toBe("rsa-4096");
});

test("a file of public keys gives all of them in order, and a private key among them is refused", async () => {
  const first = await generateKeyPair({ password });
  const second = await generateKeyPair({ password, algorithm: "ed25519" });
  const keys = parsePublicKeys(first.publicKeyPem + second.publicKeyPem, "keys");
  expect(keys.map(({ id }) => id)).toEqual([first.publicKey.id, second.publicKey.id]);
  expect(() => parsePublicKeys(first.publicKeyPem + second.privateKeyPem, "keys")).toThrow(/wanted a PUBLIC KEY block/);
  expect(() => parsePublicKeys("", "keys")).toThrow(/no PEM block/);
});

test("what is thrown about a private key never quotes the key or the password", async () => {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" });
  const damaged = key
    .toString()
    .replace(/A/, "B")
    .replace(/\n(?=-----END)/, "AAAA\n");
  const secret = damaged.split("\n")[1] ?? "";
  expect(() => createPrivateKey(damaged)).toThrow();
  const error: unknown = await parsePrivateKey(damaged, "damaged", { password }).catch((thrown: unknown) => thrown);
  const said =
    JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).cause) + String(error);
  expect(said).not.toContain(secret.slice(0, 20));
  expect(said).not.toContain("correct horse");
});

describe.each(["P-256", "P-384", "P-521"])(
  "a signature on %s as two numbers of fixed length (SIGN-1)",
  (namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    const hash = { "P-256": "sha256", "P-384": "sha384", "P-521": "sha512" }[namedCurve] ?? "";
    const plain = sign(hash, content, { key: privateKey, dsaEncoding: "ieee-p1363" });

    test("holds beside DER, also by SHA-256, and says by which hash", () => {
      expect(matchSignature(publicKey, content, plain)).toEqual({ hash });
      expect(matchSignature(publicKey, content, sign(hash, content, privateKey))).toEqual({ hash });
      const older = sign("sha256", content, { key: privateKey, dsaEncoding: "ieee-p1363" });
      expect(matchSignature(publicKey, content, older)).toEqual({ hash: "sha256" });
    });

    test("holds over nothing else, at no other length, and not with a number that is zero", () => {
      expect(matchSignature(publicKey, new TextEncoder().encode("other"), plain)).toBe(undefined);
      const half = plain.length / 2;
      const zero = Buffer.alloc(half);
      const wrong = [
        plain.subarray(1),
        Buffer.concat([zero.subarray(0, 1), plain, zero.subarray(0, 1)]),
        Buffer.concat([plain.subarray(half), plain.subarray(0, half)]),
        Buffer.concat([zero, plain.subarray(half)]),
        Buffer.concat([plain.subarray(0, half), zero]),
        Buffer.concat([zero, zero]),
      ];
      for (const bytes of wrong) expect(matchSignature(publicKey, content, bytes)).toBe(undefined);
    });
  },
);
