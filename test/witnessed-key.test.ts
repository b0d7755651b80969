import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildImage,
  buildLayer,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-witnessed-"));
const at = (name: string): string => join(folder, name);
const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "hello" }])] });

let registry: TestRegistry;
let sigstore: TestSigstore;
let number = 0;
beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  writeFileSync(at("root.json"), sigstore.trustedRoot);
  await sc("key", "generate", "--output-key-prefix", at("cosign"));
  const validFor = { start: "2020-01-01T00:00:00Z" };
  const service = { url: sigstore.origin, majorApiVersion: 1, validFor, operator: "acme" };
  // Without a certificate authority, which a key does not need.
  writeFileSync(
    at("config.json"),
    JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json",
      rekorTlogUrls: [service, { ...service, majorApiVersion: 2 }],
      rekorTlogConfig: { selector: "ANY" },
      tsaUrls: [{ ...service, url: `${sigstore.origin}/tsr` }],
      tsaConfig: { selector: "ANY" },
    }),
  );
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse" },
    now: new Date(sigstore.clock.getTime() + 60_000),
  });
}

function newImage(): string {
  number += 1;
  return pushImage(registry, `acme/w${number}:1`, image);
}

const key = ["--key", at("cosign.key")];

interface Facts {
  readonly form: string;
  readonly facts: {
    readonly signedAt?: string;
    readonly logEntries: readonly {
      readonly kind: string;
      readonly kindVersion: string;
      readonly logVersion: number;
    }[];
  };
}

/** What is proven of the signatures of an image: form, entries and whether there is a time. */
async function provenOf(reference: string, ...words: readonly string[]): Promise<readonly (readonly string[])[]> {
  const root = ["--trusted-root", at("root.json")];
  const ran = await sc("image", "verify", reference, "--key", at("cosign.pub"), "--json", ...root, ...words);
  const { images }: { images: readonly { readonly signatures?: readonly Facts[] }[] } = JSON.parse(ran.stdout);
  return (images[0]?.signatures ?? []).flatMap(({ form, facts: { logEntries, signedAt } }) => [
    [
      form,
      ...logEntries.map(({ kind, kindVersion, logVersion }) => `${kind} ${kindVersion} in ${logVersion}`),
      ...(signedAt === undefined ? [] : ["timed"]),
    ],
  ]);
}

function codeOf(ran: Ran): unknown {
  return Reflect.get(Object(documentOf(ran)["error"]), "code");
}

describe("a signature by key is shown to the logs and authorities that are named (SIGN-1, SIGN-2)", () => {
  test("and to none that nobody named", async () => {
    const reference = newImage();
    const before = sigstore.requests.length;
    expect((await sc("image", "sign", reference, ...key)).exitCode).toBe(0);
    expect(sigstore.requests).toHaveLength(before);
    expect(await provenOf(reference)).toEqual([["bundle"], ["tag"]]);
    expect(await provenOf(reference, "--require-log-entry")).toEqual([]);
  });

  const named: readonly (readonly [readonly string[], readonly (readonly string[])[]])[] = [
    [
      ["--rekor-url", "ORIGIN"],
      [
        ["bundle", "dsse 0.0.1 in 1", "timed"],
        ["tag", "hashedrekord 0.0.1 in 1", "timed"],
      ],
    ],
    [
      ["--rekor-url", "ORIGIN", "--rekor-version", "2"],
      [["bundle", "hashedrekord 0.0.2 in 2"], ["tag"]],
    ],
    [
      ["--timestamp-server-url", "ORIGIN/tsr"],
      [["bundle", "timed"], ["tag"]],
    ],
    [
      ["--signing-config", at("config.json")],
      [["bundle", "hashedrekord 0.0.2 in 2", "timed"], ["tag"]],
    ],
    [
      ["--signing-config", at("config.json"), "--rekor-version", "1"],
      [
        ["bundle", "dsse 0.0.1 in 1", "timed"],
        ["tag", "hashedrekord 0.0.1 in 1", "timed"],
      ],
    ],
  ];
  test.each(named)("by %j", async (words, proven) => {
    const reference = newImage();
    const given = words.map((word) => word.replace("ORIGIN", sigstore.origin));
    const ran = await sc("image", "sign", reference, ...key, ...given);
    expect(ran.exitCode).toBe(0);
    expect(await provenOf(reference)).toEqual(proven);
  });

  test("also where the same key has signed before without them, and once", async () => {
    const reference = newImage();
    await sc("image", "sign", reference, ...key);
    const shown = ["image", "sign", reference, ...key, "--rekor-url", sigstore.origin];
    expect((await sc(...shown)).exitCode).toBe(0);
    expect(await provenOf(reference, "--require-log-entry")).toHaveLength(2);
    const before = sigstore.requests.length;
    expect((await sc(...shown)).stdout).toContain("was there already");
    expect(sigstore.requests).toHaveLength(before);
  });

  test("for attestations, files and a pair that is made on the way too", async () => {
    const reference = newImage();
    const shown = ["--rekor-url", sigstore.origin];
    writeFileSync(at("predicate.json"), "{}");
    const predicate = ["--type", "https://acme.example/p", "--predicate", at("predicate.json")];
    expect((await sc("attest", "-i", reference, ...predicate, ...key, ...shown)).exitCode).toBe(0);
    const demanded = ["--key", at("cosign.pub"), "--trusted-root", at("root.json"), "--require-log-entry"];
    const attested = ["verify-attestation", "-i", reference, "--type", "https://acme.example/p"];
    expect((await sc(...attested, ...demanded)).exitCode).toBe(0);
    writeFileSync(at("app.tar"), "content");
    expect((await sc("blob", "sign", at("app.tar"), ...key, ...shown)).exitCode).toBe(0);
    expect((await sc("blob", "verify", at("app.tar"), ...demanded)).exitCode).toBe(0);
    expect(readFileSync(at("app.tar.sigstore.json"), "utf8")).toContain("inclusionProof");
    const made = ["--generate-key", "--key", at("made.key")];
    expect((await sc("image", "sign", newImage(), ...made, ...shown)).exitCode).toBe(0);
    expect(sigstore.requests.filter(({ path }) => path === "/api/v1/log/entries").length).toBeGreaterThan(4);
  });

  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ["a version of a log and no log", ["--rekor-version", "2"]],
    ["a certificate authority", ["--fulcio-url", "https://fulcio.example"]],
    ["an identity token", ["--identity-token", "x.y.z"]],
    ["a version that is none", ["--rekor-url", "https://rekor.example", "--rekor-version", "3"]],
  ];
  test.each(wrong)("where %s is named with it, nothing is signed", async (_what, words) => {
    const reference = newImage();
    const ran = await sc("image", "sign", reference, ...key, ...words, "--json");
    expect([ran.exitCode, codeOf(ran)]).toEqual([3, "CLI_USAGE"]);
    expect(await provenOf(reference)).toEqual([]);
  });

  test("and where one that is named does not answer, nothing is attached", async () => {
    const reference = newImage();
    sigstore.settings.failing = { path: "/api/v1/log/entries", status: 400 };
    const ran = await sc("image", "sign", reference, ...key, "--rekor-url", sigstore.origin, "--json");
    sigstore.settings.failing = undefined;
    expect([ran.exitCode, codeOf(ran)]).toEqual([4, "SIGNING_SERVICE_REFUSED"]);
    expect(await provenOf(reference)).toEqual([]);
  });
});
