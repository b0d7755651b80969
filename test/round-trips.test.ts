import { attestImage, signImage, verifyImage } from "@sc/sign";
import { pushImage, type RegistrySettings, startRegistry, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";
import { image, images, newKey, openImages, openRepository } from "./sign-support.ts";

// What reference/sign.md G counts, request by request. Where more is asked than its minimum the test says what for.

/** The requests since the last look, in one order: what is asked at once comes as it comes. */
function takeRequests(server: TestRegistry): readonly string[] {
  const requests = server.requests.splice(0).map(({ method, target, status }) => {
    const [, , , , kind = "", name = ""] = target.split("/");
    const what = name.includes(".sig") ? "sig" : name.startsWith("sha256-") ? "list" : kind;
    return status === 401 ? `${method} ${what} 401` : `${method} ${what}`;
  });
  return requests.toSorted();
}

const bundle = { storage: "bundle" } as const;
const upload = ["POST blobs", "POST blobs", "PUT manifests"];

async function inRegistry(
  settings: Partial<RegistrySettings>,
  work: (server: TestRegistry) => Promise<void>,
): Promise<void> {
  await using server = await startRegistry(settings);
  await work(server);
}

describe("requests where the registry has the referrers API (sign.md G)", () => {
  test("signing and attesting are four; what is there is looked at before it is signed twice", async () => {
    await inRegistry({}, async (server) => {
      await using store = openImages(server, "acme/api");
      const { signer } = newKey();
      await signImage(store, image, signer, bundle);
      expect(takeRequests(server)).toEqual(["GET referrers", ...upload]);
      await signImage(store, image, signer, bundle);
      expect(takeRequests(server)).toEqual(["GET blobs", "GET manifests", "GET referrers"]);
      await using fresh = openImages(server, "acme/web");
      await attestImage(fresh, image, signer, { type: "custom", predicate: {}, ...bundle });
      expect(takeRequests(server)).toEqual(["GET referrers", ...upload]);
    });
  });

  test("a signature in both forms is nine: four, and tag, two blobs, tag, and a look whether it stayed", async () => {
    await inRegistry({}, async (server) => {
      await using store = openImages(server, "acme/api");
      await signImage(store, image, newKey().signer);
      const tag = ["GET sig", "HEAD sig", "POST blobs", "POST blobs", "PUT sig"];
      expect(takeRequests(server)).toEqual(["GET referrers", ...upload, ...tag].toSorted());
    });
  });

  test("verifying all there is in both forms is four, since the payload of the tag is computed", async () => {
    await inRegistry({}, async (server) => {
      const { signer, publicKey } = newKey();
      await using store = openImages(server, "acme/api");
      await signImage(store, image, signer);
      takeRequests(server);
      await using fresh = openRepository(server, "acme/api");
      await verifyImage(fresh, image, { keys: [publicKey], all: true });
      expect(takeRequests(server)).toEqual(["GET blobs", "GET manifests", "GET referrers", "GET sig"]);
    });
  });
});

test("a tree of a signed and attested image asks for each thing once, and nobody for signatures of signatures", async () => {
  await inRegistry({}, async (server) => {
    const { signer } = newKey();
    await using store = openImages(server, "acme/api");
    await signImage(store, image, signer);
    await attestImage(store, image, signer, { type: "custom", predicate: {} });
    takeRequests(server);
    const ran = await runCli(["image", "tree", `${server.host}/acme/api@${image.digest}`]);
    expect(ran.stdout).toContain("signatures (cosign tag)");
    const [own, bundles] = [
      ["GET manifests", "GET referrers"],
      ["GET blobs", "GET manifests", "GET referrers"],
    ];
    const tags = ["GET sig", "GET blobs", "GET list", "GET blobs", "GET list"];
    expect(takeRequests(server)).toEqual([...own, ...bundles, ...bundles, ...tags].toSorted());
  });
});

describe("requests where it lacks the API (sign.md G)", () => {
  test("verifying is one more the first time, and none more once that is known", async () => {
    await inRegistry({ referrers: 404 }, async (server) => {
      const { signer, publicKey } = newKey();
      await using store = openImages(server, "acme/api");
      await signImage(store, image, signer, bundle);
      takeRequests(server);
      await using fresh = openRepository(server, "acme/api");
      await verifyImage(fresh, image, { keys: [publicKey] });
      expect(takeRequests(server)).toEqual(["GET blobs", "GET list", "GET manifests", "GET referrers"]);
      await verifyImage(fresh, image, { keys: [publicKey] });
      expect(takeRequests(server)).toEqual(["GET blobs", "GET list", "GET manifests"]);
    });
  });

  test("signing is the list read and written besides, and read again, since few registries hold to conditions", async () => {
    await inRegistry({ referrers: 404 }, async (server) => {
      await using store = openImages(server, "acme/api");
      await signImage(store, image, newKey().signer, bundle);
      const list = ["GET list", "GET list", "PUT list"];
      expect(takeRequests(server)).toEqual(["GET list", "GET referrers", ...upload, ...list].toSorted());
    });
  });
});

test("a pull with a token service is the refused request, the token, and then each thing once (sign.md G)", async () => {
  await inRegistry({ auth: { scheme: "bearer" } }, async (server) => {
    const reference = pushImage(server, "acme/api:1", images[0]);
    const ran = await runCli(["sbom", "generate", "-i", reference, "--no-cache"]);
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(takeRequests(server)).toEqual(["GET blobs", "GET blobs", "GET manifests", "GET manifests 401"]);
    expect(server.tokenServer.requests).toHaveLength(1);
  });
});
