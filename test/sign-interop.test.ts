import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HttpClient } from "@sc/http";
import { createKeylessSigner, createRekorWitness, createTimestampWitness, signImage, type Witness } from "@sc/sign";
import { startRegistry, startSigstore, type TestRegistry, type TestSigstore } from "@sc/testing";
import { createVerifier } from "sigstore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { image, openImages } from "./sign-support.ts";
import { startTufMirror, type TufMirror } from "./tuf-mirror.ts";

const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const issuer = "https://token.actions.githubusercontent.com";

let sigstore: TestSigstore;
let registry: TestRegistry;
let client: HttpClient;
let mirror: TufMirror;
let folder: string;

beforeAll(async () => {
  sigstore = await startSigstore();
  registry = await startRegistry();
  client = createHttpClient();
  mirror = await startTufMirror(Buffer.from(sigstore.trustedRoot).toString());
  folder = await mkdtemp(join(tmpdir(), "sc-sigstore-"));
  await writeFile(join(folder, "root.json"), mirror.root);
});

afterAll(async () => {
  await mirror[Symbol.asyncDispose]();
  await client[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function sign(repository: string, witnesses: readonly [Witness, ...Witness[]]): Promise<object> {
  await using store = openImages(registry, repository);
  const token = sigstore.issuer.issue({
    iss: issuer,
    sub: "repo:acme/api:ref:refs/heads/main",
    job_workflow_ref: subject,
    aud: "sigstore",
  });
  const signer = createKeylessSigner({
    identityToken: () => Promise.resolve(token),
    fulcioUrl: sigstore.origin,
    client,
    witnesses,
  });
  await signImage(store, image, signer, { storage: "bundle" });
  for (const bytes of registry.repository(repository).blobs.values()) {
    const text = Buffer.from(bytes).toString();
    if (text.includes("sigstore.bundle")) return JSON.parse(text);
  }
  throw new TypeError("no bundle was stored");
}

/** npm's own client, which learns the trust root as it does in production: by TUF. */
async function verifierOf(certificateIdentityURI: string, name: string) {
  return await createVerifier({
    tufMirrorURL: mirror.origin,
    tufRootPath: join(folder, "root.json"),
    tufCachePath: join(folder, name),
    certificateIssuer: issuer,
    certificateIdentityURI,
  });
}

const rekor = (version: 1 | 2): Witness => createRekorWitness({ url: sigstore.origin, client, version });
const timestamps = (): Witness => createTimestampWitness({ url: sigstore.origin, client });

describe("npm's sigstore, given the trust root by TUF", () => {
  test.each<readonly [string, () => readonly [Witness, ...Witness[]]]>([
    ["a log of version 1", () => [rekor(1)]],
    ["a log of version 2 and a timestamp", () => [rekor(2), timestamps()]],
  ])("accepts what we sign by identity with %s, and nobody else's identity (SIGN-3)", async (name, witnesses) => {
    const bundle = await sign(`acme/interop-${name.length}`, witnesses());
    const verifier = await verifierOf(subject, `accept-${name.length}`);
    // @ts-expect-error a serialised bundle is plain JSON; the library's own type asks for more than it reads
    expect(verifier.verify(bundle).identity?.subjectAlternativeName).toBe(subject);
    const stranger = await verifierOf("https://github.com/mallory/api", `refuse-${name.length}`);
    // @ts-expect-error see above
    expect(() => stranger.verify(bundle)).toThrow(/identity|subject/i);
  });
});
