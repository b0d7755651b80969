import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@sc/model";
import {
  buildImage,
  buildLayer,
  pushImage,
  startRegistry,
  startSigstore,
  type TestRegistry,
  type TestSigstore,
  writeLayout,
} from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, type Ran, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-attachments-"));
const at = (name: string): string => join(folder, name);
const subject = "https://github.com/acme/api/.github/workflows/release.yml@refs/heads/main";
const key = ["--key", at("cosign.key")];
const byKey = ["--key", at("cosign.pub")];

let registry: TestRegistry;
let sigstore: TestSigstore;
let count = 0;

async function sc(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return await runCli(words, {
    variables: { HOME: folder, LANG: "C.UTF-8", COSIGN_PASSWORD: "correct horse", ...variables },
    now: new Date(sigstore.clock.getTime() + 60_000),
  });
}

/** An image with a signature and an attestation, in both forms. */
async function signedImage(): Promise<string> {
  count += 1;
  const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: String(count) }])] });
  const reference = pushImage(registry, `acme/api${count}:1`, image);
  expect((await sc(["image", "sign", reference, ...key])).exitCode).toBe(0);
  const words = ["attest", "-i", reference, "--type", "openvex", "--predicate", at("vex.json"), ...key];
  expect((await sc(words)).exitCode).toBe(0);
  return reference;
}

const lines = (text: string): readonly unknown[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

beforeAll(async () => {
  registry = await startRegistry();
  sigstore = await startSigstore();
  writeFileSync(at("vex.json"), '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}');
  await sc(["key", "generate", "--output-key-prefix", at("cosign")]);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("sc image download (SIGN-4)", () => {
  test("writes signatures of both forms, a document a line, the tag's by cosign's names", async () => {
    const ran = await sc(["image", "download", "signature", "-i", await signedImage()]);
    expect(ran.exitCode).toBe(0);
    expect(lines(ran.stdout)).toMatchObject([
      { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", dsseEnvelope: {} },
      {
        Base64Signature: expect.stringMatching(/^MEU?Q?/),
        Payload: expect.stringMatching(/^eyJjcml0aWNhbCI6/),
        Cert: null,
      },
    ]);
  });

  test("writes attestations of the type asked for, also into a file, and ends in 1 where there is none", async () => {
    const reference = await signedImage();
    const asked = ["download", "attestation", "-i", reference];
    expect(lines((await sc(asked)).stdout)).toHaveLength(2);
    const filed = await sc([...asked, "--predicate-type", "openvex", "-o", at("vex.jsonl"), "--json"]);
    expect(documentOf(filed)).toMatchObject({
      outcome: "pass",
      found: [{ kind: "attestation" }, { kind: "attestation" }],
    });
    expect(lines(readFileSync(at("vex.jsonl"), "utf8"))).toMatchObject([
      {},
      { payloadType: "application/vnd.in-toto+json" },
    ]);
    expect((await sc([...asked, "--predicate-type", "vuln"])).exitCode).toBe(1);
    expect((await sc(["download", "sbom", "-i", reference])).exitCode).toBe(1);
    expect((await sc(["download", "picture", "-i", reference])).exitCode).toBe(3);
  });

  test("writes an unsigned SBOM as it is", async () => {
    const reference = await signedImage();
    const made = await sc(["sbom", "generate", "-i", reference, "-o", at("sbom.json")]);
    expect(made.stderr).not.toContain("SC-");
    expect((await sc(["sbom", "attach", "-i", reference, "--sbom", at("sbom.json")])).exitCode).toBe(0);
    const ran = await sc(["download", "sbom", "-i", reference]);
    expect(lines(ran.stdout)).toEqual([JSON.parse(readFileSync(at("sbom.json"), "utf8"))]);
  });
});

describe("an image with the SBOM that cosign attach sbom leaves under a tag, which nobody signed (SIGN-4)", () => {
  const document = '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[]}';
  const mediaType = "application/vnd.oci.image.manifest.v1+json";

  async function imageWithSbom(): Promise<{ readonly reference: string; readonly tag: string }> {
    const reference = await signedImage();
    const digest = documentOf(await sc(["image", "inspect", "-i", reference, "--json"]))["digest"];
    const tag = `${String(digest).replace(":", "-")}.sbom`;
    // As cosign writes it: a manifest of one layer of the document's type.
    const bytes = Buffer.from(document);
    const layer = { mediaType: "application/vnd.cyclonedx+json", digest: digestOf(bytes), size: bytes.length };
    const config = {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: digestOf(bytes),
      size: bytes.length,
    };
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
    registry.putBlob(`acme/api${count}`, bytes, layer.digest);
    registry.putManifest(`acme/api${count}`, { bytes: manifest, mediaType, digest: digestOf(manifest), tag });
    return { reference, tag };
  }

  test("has none that verifies: said with where it stands, exit 1, and it can be read", async () => {
    const { reference, tag } = await imageWithSbom();
    const ran = await sc(["sbom", "verify", "-i", reference, ...byKey, "-o", at("taken.json"), "--json"]);
    expect(ran.exitCode).toBe(1);
    expect(documentOf(ran)).toMatchObject({
      outcome: "violation",
      error: {
        code: "NO_SIGNATURES",
        message: expect.stringContaining("nobody signed: it is not verified"),
        hint: expect.stringContaining("sc image download sbom"),
        facts: { unsigned: `${tag} application/vnd.cyclonedx+json` },
      },
    });
    expect(existsSync(at("taken.json"))).toBe(false);
    const read = await sc(["image", "download", "sbom", "-i", reference]);
    expect(lines(read.stdout)).toEqual([JSON.parse(document)]);
  });
});

describe("sc image clean (SIGN-4)", () => {
  test("without --yes removes nothing, says what would go, and does not end in 0", async () => {
    const reference = await signedImage();
    const ran = await sc(["image", "clean", "-i", reference]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stdout).toContain("4 attachments would go");
    expect((await sc(["verify", reference, ...byKey])).exitCode).toBe(0);
    const piped = await sc(["image", "clean", "-i", reference], { SC_YES: "1" });
    expect(piped.exitCode).toBe(3);
    expect(registry.requests.filter(({ method }) => method === "DELETE")).toEqual([]);
  });

  test.each(["api", 404] as const)(
    "removes one kind and leaves the others, where referrers are: %s",
    async (referrers) => {
      registry.settings.referrers = referrers;
      const reference = await signedImage();
      const ran = await sc(["clean", "-i", reference, "--type", "signature", "--yes", "--json"]);
      expect(ran.exitCode).toBe(0);
      expect(documentOf(ran)).toMatchObject({
        removed: true,
        attachments: [{ kind: "signature" }, { kind: "signature" }],
      });
      expect((await sc(["verify", reference, ...byKey])).exitCode).toBe(1);
      const attested = ["verify-attestation", "-i", reference, "--type", "openvex", ...byKey];
      expect((await sc(attested)).exitCode).toBe(0);
      expect((await sc(["clean", "-i", reference, "--yes"])).exitCode).toBe(0);
      expect((await sc(attested)).exitCode).toBe(1);
      const nothing = await sc(["clean", "-i", reference]);
      expect(nothing.exitCode).toBe(0);
      expect(nothing.stdout).toContain("nothing is attached");
      registry.settings.referrers = "api";
    },
  );

  test("cleans a registry where a tag only goes with its manifest, as docker-registry has it", async () => {
    const reference = await signedImage();
    registry.settings.deletes = "by-digest";
    try {
      expect((await sc(["clean", "-i", reference, "--yes"])).exitCode).toBe(0);
    } finally {
      registry.settings.deletes = true;
    }
    expect((await sc(["image", "tree", reference])).stdout).toContain("nothing is attached");
    expect((await sc(["image", "inspect", reference])).exitCode).toBe(0);
  });

  test("cleans a layout, and says of a registry that deletes nothing that it does not", async () => {
    const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "layout" }])] });
    await writeLayout(at("layout"), image, "1");
    const layout = `oci-layout:${at("layout")}:1`;
    await sc(["image", "sign", layout, ...key]);
    expect((await sc(["verify", layout, ...byKey])).exitCode).toBe(0);
    expect((await sc(["clean", "-i", layout, "--yes"])).exitCode).toBe(0);
    expect((await sc(["verify", layout, ...byKey])).exitCode).toBe(1);

    const reference = await signedImage();
    registry.settings.deletes = false;
    const refused = await sc(["clean", "-i", reference, "--yes"]);
    registry.settings.deletes = true;
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain("SC-DELETE-UNSUPPORTED");
  });
});

describe("sc image tree (SIGN-4)", () => {
  test("shows by whom each signature says it is and where its log has it, without believing any of it", async () => {
    const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "tree" }])] });
    const reference = pushImage(registry, "acme/tree:1", image);
    const iss = "https://token.actions.githubusercontent.com";
    const token = sigstore.issuer.issue({ iss, sub: "repo:acme/api", job_workflow_ref: subject, aud: "sigstore" });
    const services = ["--keyless", "--fulcio-url", sigstore.origin, "--rekor-url", sigstore.origin];
    await sc(["image", "sign", reference, ...services], { SIGSTORE_ID_TOKEN: token });
    await sc(["image", "sign", reference, ...key]);
    const ran = await sc(["image", "tree", "-i", reference]);
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout.match(/by https:\/\/github\.com\/acme/g)).toHaveLength(2);
    expect(ran.stdout.match(/by a key/g)).toHaveLength(2);
    expect(ran.stdout.match(/log entry \d+, \d{4}-\d\d-\d\d \d\d:\d\d UTC/g)).toHaveLength(2);
    expect(ran.stdout).toContain("nothing of this is verified");
    for (const line of ran.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const document = documentOf(await sc(["image", "tree", "-i", reference, "--json"]));
    expect(document["attachments"]).toContainEqual(
      expect.objectContaining({
        kind: "signature",
        claimedIdentity: { subject, issuer: iss },
        logEntries: [
          expect.objectContaining({ logIndex: expect.any(String), body: expect.stringContaining("apiVersion") }),
        ],
      }),
    );
  });

  test("shows what cannot be read as such, and it can be removed", async () => {
    const reference = await signedImage();
    const name = reference.slice(reference.indexOf("/") + 1, reference.lastIndexOf(":"));
    for (const [digest, bytes] of registry.repository(name).blobs) {
      if (Buffer.from(bytes).includes("sigstore.bundle")) registry.repository(name).blobs.delete(digest);
    }
    expect((await sc(["clean", "-i", reference, "--yes"])).exitCode).toBe(0);
    expect((await sc(["image", "tree", "-i", reference])).stdout).not.toContain("bundle");
  });
});
