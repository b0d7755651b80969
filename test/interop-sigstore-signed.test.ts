import { execFile, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ran, runCli } from "./run-cli.ts";

const installed = spawnSync("skopeo", ["--version"]).status === 0;
if (!installed) process.stderr.write("skopeo is not installed: it verifies none of our signatures here\n");
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const run = promisify(execFile);

let folder: string;
let registry: TestRegistry;

const at = (name: string): string => join(folder, name);

async function sc(...words: readonly string[]): Promise<Ran> {
  return await runCli(words, { variables: { HOME: folder, COSIGN_PASSWORD: "correct horse" } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-signed-"));
  registry = await startRegistry();
  for (const name of ["cosign", "other"]) await sc("key", "generate", "--output-key-prefix", at(name));
  // Signatures under tags are looked for only where this says so.
  await mkdir(at("registries.d"));
  await writeFile(at("registries.d/all.yaml"), `docker:\n  ${registry.host}:\n    use-sigstore-attachments: true\n`);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/**
 * What skopeo says of the image under a policy that demands a signature by this key. `disabled`: Debian's 1.9 reads
 * signatures of this kind and was built without the check of them.
 */
async function judge(reference: string, key: string): Promise<"accepted" | "rejected" | "disabled"> {
  const policy = {
    default: [{ type: "reject" }],
    transports: { docker: { [registry.host]: [{ type: "sigstoreSigned", keyPath: at(`${key}.pub`) }] } },
  };
  await writeFile(at("policy.json"), JSON.stringify(policy));
  const words = ["--policy", at("policy.json"), "--registries.d", at("registries.d"), "--tmpdir", folder, "copy"];
  try {
    await run("skopeo", [...words, "--src-tls-verify=false", `docker://${reference}`, `dir:${at("copy")}`]);
    return "accepted";
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    expect(said).toMatch(/Source image rejected|A signature was required/);
    return said.includes("sigstore disabled") ? "disabled" : "rejected";
  }
}

describe.skipIf(!installed)("skopeo with a sigstoreSigned policy (SIGN-3)", () => {
  test("finds what we sign under the tag, and where its build can check it accepts our key and no other", async () => {
    const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "signed" }])] });
    const reference = pushImage(registry, "acme/signed:1", image);
    expect(await judge(reference, "cosign")).toBe("rejected");
    expect((await sc("image", "sign", reference, "--key", at("cosign.key"))).exitCode).toBe(0);
    registry.requests.length = 0;
    const verdict = await judge(reference, "cosign");
    if (verdict === "disabled") {
      process.stderr.write("skopeo was built without checking sigstore signatures: it is shown that it reads ours\n");
    } else {
      expect(verdict).toBe("accepted");
      expect(await judge(reference, "other")).toBe("rejected");
    }
    const hex = image.descriptor.digest.slice("sha256:".length);
    const asked = registry.requests.map(({ method, target }) => `${method} ${target}`);
    expect(asked).toContain(`GET /v2/acme/signed/manifests/sha256-${hex}.sig`);
    expect(asked.filter((line) => line.startsWith("GET /v2/acme/signed/blobs/")).length).toBeGreaterThan(0);
  });

  test("sees nothing of an image that is signed as a bundle alone, as sc image verify says", async () => {
    const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "bundle" }])] });
    const reference = pushImage(registry, "acme/bundle:1", image);
    await sc("image", "sign", reference, "--key", at("cosign.key"), "--storage", "bundle");
    expect(await judge(reference, "cosign")).toBe("rejected");
    const verified = await sc("image", "verify", reference, "--key", at("cosign.pub"), "--json");
    expect(verified.exitCode).toBe(0);
    expect(verified.stdout).not.toContain("skopeo");
  });
});

describe("what stands under the tag (SIGN-3)", () => {
  test.skipIf(!hasOpenssl)(
    "is a payload that openssl verifies, and names the repository that it was signed in",
    async () => {
      const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "openssl" }])] });
      const reference = pushImage(registry, "acme/openssl:1", image);
      await sc("image", "sign", reference, "--key", at("cosign.key"), "--storage", "tag");
      const stored = await sc("image", "download", "signature", "-i", reference);
      const { Base64Signature, Payload }: Record<"Base64Signature" | "Payload", string> = JSON.parse(stored.stdout);
      await writeFile(at("signature"), Buffer.from(Base64Signature, "base64"));
      await writeFile(at("payload"), Buffer.from(Payload, "base64"));
      const check = ["dgst", "-sha256", "-verify", at("cosign.pub"), "-signature", at("signature"), at("payload")];
      expect((await run("openssl", check)).stdout).toContain("Verified OK");
      expect(JSON.parse(Buffer.from(Payload, "base64").toString())).toMatchObject({
        critical: {
          identity: { "docker-reference": `${registry.host}/acme/openssl` },
          image: { "docker-manifest-digest": image.descriptor.digest },
        },
      });
    },
  );

  test("made for another repository counts, unless it is asked that it is for this one", async () => {
    const image = buildImage({ layers: [buildLayer([{ path: "etc/hello", content: "moved" }])] });
    const from = pushImage(registry, "acme/from:1", image);
    await sc("image", "sign", from, "--key", at("cosign.key"));
    const to = `${registry.host}/acme/to:1`;
    expect((await sc("image", "copy", from, to)).exitCode).toBe(0);
    expect((await sc("image", "verify", to, "--key", at("cosign.pub"))).exitCode).toBe(0);
    const held = ["--signed-repository", to.slice(0, -":1".length), "--storage", "tag"];
    expect((await sc("image", "verify", to, "--key", at("cosign.pub"), ...held)).exitCode).toBe(1);
  });
});
