import { createPrivateKey, generateKeyPair as generate, type KeyObject, randomBytes, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { type Call, Decoder, parseJson, ScError } from "@sc/model";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { signLimits } from "./limits.ts";
import { describePublicKey, type KeyAlgorithm, type PublicKey } from "./public-key.ts";

const encryptedLabel = "ENCRYPTED SIGSTORE PRIVATE KEY";
const encryptedLabels: ReadonlySet<string> = new Set([encryptedLabel, "ENCRYPTED COSIGN PRIVATE KEY"]);
const plainLabels: ReadonlySet<string> = new Set(["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"]);

/** What opens a private key. */
export interface PrivateKeyOptions {
  /** Opens an encrypted key; may be empty, as cosign allows. Never kept and never shown. */
  readonly password?: Uint8Array | undefined;
}

/** A key pair as files hold it. */
export interface KeyPair {
  /** The private key, encrypted, as cosign writes it. */
  readonly privateKeyPem: string;
  /** The public key as SubjectPublicKeyInfo PEM. */
  readonly publicKeyPem: string;
  readonly publicKey: PublicKey;
}

/** How a key pair is made. */
export interface GenerateKeyPairOptions {
  /** Encrypts the private key; may be empty. */
  readonly password: Uint8Array;
  /** ECDSA on P-256 when not said, which every tool reads. */
  readonly algorithm?: KeyAlgorithm;
}

/** A fresh key pair whose private half is encrypted in cosign's format. */
export async function generateKeyPair(options: GenerateKeyPairOptions): Promise<KeyPair> {
  const { password, algorithm = "ecdsa-p256" } = options;
  return await pairOf(await generateKey(algorithm), password);
}

/**
 * A private key of any format that `parsePrivateKey` reads, as a key pair in cosign's encrypted format under
 * `newPassword`. Throws what `parsePrivateKey` throws, and `KEY_INVALID` for an RSA key larger than cosign takes.
 */
export async function importKeyPair(
  pem: Uint8Array | string,
  options: PrivateKeyOptions & {
    readonly newPassword: Uint8Array;
    /** What errors call the key, such as the file it is from. */
    readonly where?: string;
  },
): Promise<KeyPair> {
  const { newPassword, where = "key to import" } = options;
  const key = await parsePrivateKey(pem, where, options);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits > maxImportedBits) {
    throw new ScError("KEY_INVALID", `${where}: an RSA key of ${bits} bits; wanted at most ${maxImportedBits}`, {
      hint: "Make a new key: cosign and what is built on it verify no larger ones.",
    });
  }
  return await pairOf(key, newPassword);
}

// Larger ones are verified here; what a signature by them is stored for, others, cannot.
const maxImportedBits = 4096;

async function pairOf(key: KeyObject, password: Uint8Array): Promise<KeyPair> {
  const publicKey = describePublicKey(key, "key");
  return { privateKeyPem: await encryptPrivateKey(key, password), publicKeyPem: publicKey.pem, publicKey };
}

const generateAsync = promisify(generate);

const curves: Readonly<Partial<Record<KeyAlgorithm, string>>> = {
  "ecdsa-p256": "P-256",
  "ecdsa-p384": "P-384",
  "ecdsa-p521": "P-521",
};

async function generateKey(algorithm: KeyAlgorithm): Promise<KeyObject> {
  if (algorithm === "ed25519") return (await generateAsync("ed25519", {})).privateKey;
  const namedCurve = curves[algorithm];
  if (namedCurve !== undefined) return (await generateAsync("ec", { namedCurve })).privateKey;
  return (await generateAsync("rsa", { modulusLength: Number(algorithm.slice("rsa-".length)) })).privateKey;
}

/**
 * The private key of a PEM file: cosign's encrypted format under both of its names, PKCS#8 (plain or encrypted),
 * SEC1, PKCS#1. Throws `KEY_INVALID` for what is not a private key of an accepted kind, `KEY_PASSWORD_WRONG`. An aborted
 * signal rejects at once.
 */
export async function parsePrivateKey(
  pem: Uint8Array | string,
  where: string,
  options: PrivateKeyOptions & Pick<Call, "signal"> = {},
): Promise<KeyObject> {
  return await readPrivateKey(pem, where, options).open(options);
}

/** A private key as a file holds it. */
export interface ClosedKey {
  /** Whether opening it is slow on purpose: 0.2 s of a core and 64 MiB where cosign wrote it. */
  readonly slow: boolean;
  /** Throws `KEY_INVALID`, `KEY_PASSWORD_WRONG`; an aborted signal rejects at once. */
  open(call?: Pick<Call, "signal">): Promise<KeyObject>;
}

/**
 * The same, not opened yet. What can be told without opening it is told now: throws `KEY_INVALID` for what is no private
 * key, and `KEY_PASSWORD_WRONG` where one is needed and none was given.
 */
export function readPrivateKey(pem: Uint8Array | string, where: string, options: PrivateKeyOptions = {}): ClosedKey {
  const text = typeof pem === "string" ? pem : new TextDecoder().decode(pem);
  if (text.length > signLimits.maxKeyFileBytes) throw new ScError("KEY_INVALID", `${where}: too large for a key file`);
  const { label, block, body } = findBlock(text, where);
  const accepted = (key: KeyObject): KeyObject => {
    describePublicKey(key, where);
    return key;
  };
  if (encryptedLabels.has(label)) {
    const { password } = options;
    if (password === undefined) throw wrongPassword(where, options);
    const form = decodeEncryptedKey(body, where);
    const sealed = { ...form, password };
    return { slow: true, open: async ({ signal } = {}) => accepted(await decryptPrivateKey(sealed, where, signal)) };
  }
  const key = accepted(label === "ENCRYPTED PRIVATE KEY" ? openPkcs8(block, where, options) : openPlain(block, where));
  return { slow: false, open: () => Promise.resolve(key) };
}

function findBlock(text: string, where: string): { label: string; block: string; body: string } {
  const labels: string[] = [];
  for (const [block, label = "", body = ""] of text.matchAll(/-----BEGIN ([^-]*)-----([^-]*)-----END \1-----/g)) {
    if (encryptedLabels.has(label) || plainLabels.has(label) || label === "ENCRYPTED PRIVATE KEY") {
      return { label, block, body: body.replaceAll(/\s/g, "") };
    }
    labels.push(label);
  }
  const found = labels.length === 0 ? "no PEM block" : labels.map((label) => JSON.stringify(label)).join(", ");
  throw new ScError("KEY_INVALID", `${where}: wanted a private key, got ${found.slice(0, 200)}`);
}

function openPlain(block: string, where: string): KeyObject {
  try {
    return createPrivateKey(block);
  } catch {
    // Not kept as cause: what a parser says of a private key may quote it.
    throw new ScError("KEY_INVALID", `${where}: the private key is damaged`);
  }
}

function openPkcs8(block: string, where: string, options: PrivateKeyOptions): KeyObject {
  try {
    return createPrivateKey({ key: block, passphrase: Buffer.from(options.password ?? new Uint8Array()) });
  } catch {
    throw wrongPassword(where, options);
  }
}

function wrongPassword(where: string, options: PrivateKeyOptions): ScError {
  const what = options.password === undefined ? "is encrypted and no password was given" : "does not open";
  return new ScError("KEY_PASSWORD_WRONG", `${where}: the private key ${what}`, {
    hint: "Give the password that the key was made with.",
  });
}

/** The encrypted form of go-securesystemslib: scrypt and NaCl's secretbox over PKCS#8. */
async function encryptPrivateKey(key: KeyObject, password: Uint8Array): Promise<string> {
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const params = { N: 65_536, r: 8, p: 1 };
  const secret = await deriveKey(password, salt, params);
  const plain = key.export({ format: "der", type: "pkcs8" });
  const ciphertext = xsalsa20poly1305(secret, nonce).encrypt(plain);
  secret.fill(0);
  plain.fill(0);
  const document = JSON.stringify({
    kdf: { name: "scrypt", params, salt: encodeBase64(salt) },
    cipher: { name: "nacl/secretbox", nonce: encodeBase64(nonce) },
    ciphertext: encodeBase64(ciphertext),
  });
  const lines = encodeBase64(new TextEncoder().encode(document)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${encryptedLabel}-----\n${lines.join("\n")}\n-----END ${encryptedLabel}-----\n`;
}

async function decryptPrivateKey(
  { password, ...form }: EncryptedKey & { readonly password: Uint8Array },
  where: string,
  signal: AbortSignal | undefined,
): Promise<KeyObject> {
  signal?.throwIfAborted();
  const { xsalsa20poly1305 } = await import("@noble/ciphers/salsa.js");
  const secret = await deriveKey(password, form.salt, { ...form.params, signal });
  let plain: Uint8Array;
  try {
    plain = xsalsa20poly1305(secret, form.nonce).decrypt(form.ciphertext);
  } catch {
    throw wrongPassword(where, { password });
  } finally {
    secret.fill(0);
  }
  try {
    return createPrivateKey({ key: Buffer.from(plain), format: "der", type: "pkcs8" });
  } catch {
    throw new ScError("KEY_INVALID", `${where}: what the password opens is not a PKCS#8 private key`);
  } finally {
    plain.fill(0);
  }
}

interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

interface EncryptedKey {
  readonly params: ScryptParameters;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

function decodeEncryptedKey(body: string, where: string): EncryptedKey {
  try {
    const document = new Decoder(parseJson(decodeBase64(body, where), where), where);
    const kdf = document.member("kdf");
    const cipher = document.member("cipher");
    if (kdf.member("name").string() !== "scrypt") throw kdf.member("name").wrong('"scrypt"');
    if (cipher.member("name").string() !== "nacl/secretbox") throw cipher.member("name").wrong('"nacl/secretbox"');
    const params = kdf.member("params");
    const nonce = decodeBytes(cipher.member("nonce"));
    if (nonce.length !== 24) throw cipher.member("nonce").wrong("24 bytes");
    const [N, r, p] = [params.member("N").count(), params.member("r").count(), params.member("p").count()];
    checkScrypt({ N, r, p }, params);
    return {
      params: { N, r, p },
      salt: decodeBytes(kdf.member("salt")),
      nonce,
      ciphertext: decodeBytes(document.member("ciphertext")),
    };
  } catch (cause) {
    throw new ScError("KEY_INVALID", `${where}: not an encrypted key as cosign writes it`, { cause });
  }
}

function decodeBytes(decoder: Decoder): Uint8Array {
  return decodeBase64(decoder.string(), decoder.path);
}

// The file says how much memory and time opening it takes: a hostile one must not choose them freely.
function checkScrypt({ N, r, p }: ScryptParameters, at: Decoder): void {
  const powerOfTwo = N > 1 && Math.log2(N) % 1 === 0;
  const bytes = 128 * N * r;
  if (!powerOfTwo || r < 1 || p < 1) throw at.wrong("parameters of scrypt");
  if (bytes > signLimits.maxScryptBytes || p > signLimits.maxScryptParallel) {
    throw at.wrong(
      `parameters of scrypt within ${signLimits.maxScryptBytes} bytes and p ≤ ${signLimits.maxScryptParallel}`,
    );
  }
}

// A derivation that was begun runs to its end in its thread; nobody who was interrupted waits for it.
async function deriveKey(
  password: Uint8Array,
  salt: Uint8Array,
  { signal, ...params }: ScryptParameters & Pick<Call, "signal">,
): Promise<Buffer> {
  // OpenSSL counts a little more than 128·N·r; the default of 32 MiB refuses cosign's own parameters.
  const maxmem = 128 * params.N * params.r + 32 * 1024 * 1024;
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  scrypt(password, salt, 32, { ...params, maxmem }, (error, key) => (error === null ? resolve(key) : reject(error)));
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
