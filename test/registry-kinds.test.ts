import { digestOf, isScError } from "@sc/model";
import {
  copyImage,
  type ExplicitCredential,
  type ImageDestination,
  openImage,
  openRegistry,
  type OpenRegistryOptions,
  parseReference,
  type RegistryReference,
} from "@sc/oci";
import { signImage, verifyImage } from "@sc/sign";
import { buildImage, buildLayer, pushImage, type RegistryKind, registryKinds, startRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { newKey } from "./sign-support.ts";

const clock = { now: () => 0, random: () => 0, sleep: async (): Promise<void> => {} };
const password = "correct-horse";
// 256 KiB that gzip makes no smaller, in chunks of 64 KiB.
const noise = Buffer.concat(
  Array.from({ length: 8192 }, (_, index) => Buffer.from(digestOf(String(index)).slice("sha256:".length), "hex")),
);
const image = buildImage({
  layers: [buildLayer([{ path: "noise", content: noise }]), buildLayer([{ path: "a", content: "a" }])],
});

function referenceTo(text: string): RegistryReference {
  const reference = parseReference(text);
  if (reference.scheme !== "registry") throw new TypeError("a registry's reference");
  return reference;
}

/** Opens a repository as a new process would: nothing is known of the registry yet. */
function open(reference: RegistryReference, credential?: Omit<ExplicitCredential, "registry">): ImageDestination {
  const explicit = credential === undefined ? [] : [{ registry: reference.registry, ...credential }];
  const options: OpenRegistryOptions = { clock, http: { clock }, credentials: { explicit }, chunkBytes: 65_536 };
  return openRegistry(reference, options);
}

/** The forms in which a signature can be stored. */
const forms = (kind: RegistryKind): readonly string[] => (kind === "quay" ? ["tag"] : ["bundle", "tag"]);

const kinds = Object.keys(registryKinds) as RegistryKind[];

describe("registries as they are (OCI-7)", () => {
  test.each(kinds)("%s: an image goes there, is signed, verified and taken away with its signatures", async (kind) => {
    await using origin = await startRegistry();
    await using server = await startRegistry(registryKinds[kind]);
    await using elsewhere = await startRegistry();
    const from = referenceTo(pushImage(origin, "acme/app:v1", image));
    const there = referenceTo(`${server.host}/acme/app:v1`);
    const ann = kind === "acr" ? { identityToken: "an-identity" } : { user: "ann", password };
    await using source = open(from);
    await using destination = open(there, ann);
    if (kind === "ecr") {
      const refused = copyImage({ source, reference: from }, { destination, reference: there });
      await expect(refused).rejects.toMatchObject({ code: "REPOSITORY_NOT_FOUND", facts: { codes: "NAME_UNKNOWN" } });
      server.repository("acme/app");
    }
    await copyImage({ source, reference: from }, { destination, reference: there });

    const { signer, publicKey } = newKey();
    const attached = await signImage(destination, image.descriptor, signer);
    expect(attached.filter(({ state }) => state === "written").map(({ form }) => form)).toEqual(forms(kind));

    await using reader = open(there, ann);
    const read = await openImage(reader, there);
    expect(read.descriptor.digest).toBe(image.descriptor.digest);
    for (const layer of read.layers) {
      const bytes = await Array.fromAsync(await layer.open());
      expect(digestOf(Buffer.concat(bytes))).toBe(layer.descriptor.digest);
    }
    expect(await reader.listTags()).toContain("v1");
    const { signatures } = await verifyImage(reader, image.descriptor, { keys: [publicKey], all: true });
    expect(signatures.map(({ form }) => form)).toEqual(forms(kind));

    const away = referenceTo(`${elsewhere.host}/away/app:v1`);
    await using last = open(away);
    await copyImage({ source: reader, reference: there }, { destination: last, reference: away }, { referrers: true });
    const moved = await verifyImage(last, image.descriptor, { keys: [publicKey], all: true });
    expect(moved.signatures.map(({ form }) => form).toSorted()).toEqual(forms(kind));

    // What is there is not sent again, and the credential stayed where it belongs.
    const before = server.requests.length;
    await copyImage({ source, reference: from }, { destination, reference: there });
    const again = server.requests.slice(before).filter(({ method }) => method === "PATCH" || method === "POST");
    expect(again).toEqual([]);
    for (const { headers } of server.storage.requests) expect(headers).not.toHaveProperty("authorization");
    if (registryKinds[kind].redirectBlobs === true) expect(server.storage.requests.length).toBeGreaterThan(0);
  });

  test.each(kinds)("%s: whoever may not is told so, by code and hint, without the password", async (kind) => {
    await using server = await startRegistry(registryKinds[kind]);
    const { auth } = server.settings;
    if (auth.scheme === "none") return expect(["distribution"]).toContain(kind);
    const there = referenceTo(pushImage(server, "acme/app:v1", image));
    await using reader = open(there, { user: "ann", password: "a-wrong-one" });
    const error: unknown = await reader.resolve("v1").catch((thrown: unknown) => thrown);
    expect(isScError(error) && error.code).toBe("OCI_UNAUTHORIZED");
    expect(String(error)).not.toContain("a-wrong-one");
  });
});
