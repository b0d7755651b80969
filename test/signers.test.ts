import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@sc/model";
import { generateKeyPair, importKeyPair, openSigner, parsePublicKeys, readPublicKeys, signerSchemes } from "@sc/sign";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const password = new TextEncoder().encode("secret");

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-signers-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("a key is found by path and by env:// in the environment that is passed in (SIGN-7)", async () => {
  const pair = await generateKeyPair({ password });
  const path = join(folder, "sc.key");
  await writeFile(path, pair.privateKeyPem);
  await writeFile(`${path}.pub`, pair.publicKeyPem);
  const byPath = await openSigner(path, { password });
  const byEnvironment = await openSigner("env://KEY", { password, environment: { KEY: pair.privateKeyPem } });
  expect(byPath.publicKey?.id).toBe(pair.publicKey.id);
  expect(byEnvironment.publicKey?.id).toBe(pair.publicKey.id);
  expect((await readPublicKeys(`${path}.pub`)).map(({ id }) => id)).toEqual([pair.publicKey.id]);
});

test("a variable that is not passed in is not looked for in the process's own environment", async () => {
  await expect(openSigner("env://PATH")).rejects.toMatchObject({ code: "KEY_NOT_FOUND" });
  await expect(openSigner("env://constructor", { environment: {} })).rejects.toMatchObject({ code: "KEY_NOT_FOUND" });
});

test("a missing file is said by its path", async () => {
  await expect(openSigner(join(folder, "none.key"))).rejects.toThrow(/none\.key/);
});

test.each(["awskms:///alias/x", "k8s://ns/secret", "pkcs11:token=x?pin-value=1234", "hashivault://key"])(
  "%s is refused with the references that are served, and nothing after the scheme is repeated",
  async (reference) => {
    const error: unknown = await openSigner(reference).catch((thrown: unknown) => thrown);
    if (!hasCode(error, "KEY_REFERENCE_UNSUPPORTED")) throw error;
    for (const { form } of signerSchemes) expect(error.hint).toContain(form);
    expect(error.message).not.toContain(reference.slice(reference.indexOf(":") + 1));
  },
);

interface KeyCase {
  readonly file: string;
  readonly password: string;
  readonly expected: string;
  readonly pem_base64: string;
}

const keys = dataFolder("sigstore/keys");

describe.skipIf(keys === undefined)("the keys of other tools", () => {
  const cases: KeyCase[] =
    keys === undefined
      ? []
      : readFileSync(join(keys, "keys.jsonl"), "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line));

  test("are there", () => {
    expect(cases.length).toBeGreaterThan(0);
  });

  test.each(cases)("$file: $expected (SIGN-1)", async (entry) => {
    const pem = Buffer.from(entry.pem_base64, "base64");
    const text = entry.password === "(empty)" || entry.password.startsWith("none") ? "" : entry.password;
    const opened = importKeyPair(pem, { password: new TextEncoder().encode(text), newPassword: password });
    if (entry.expected.startsWith("loads") || entry.expected === "import accepted") {
      const pair = await opened;
      const companions = cases.filter(
        ({ file }) => file === entry.file.replace(/\.key$/, ".pub") && file !== entry.file,
      );
      for (const companion of companions) {
        const [publicKey] = parsePublicKeys(Buffer.from(companion.pem_base64, "base64"), companion.file);
        expect(publicKey?.id).toBe(pair.publicKey.id);
      }
    } else {
      // Whatever else is expected of a private key is that it is refused; of a public one nothing is said.
      await expect(opened).rejects.toMatchObject({ code: "KEY_INVALID" });
      if (entry.file.endsWith(".pub")) expect(parsePublicKeys(pem, entry.file)).toHaveLength(1);
    }
  });
});
