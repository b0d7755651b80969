import { type Descriptor, digestOf, hasCode, referrersTag } from "@sc/model";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { mediaTypes } from "../media-type.ts";
import type { ImageDestination } from "../source.ts";
import { openRegistry, type OpenRegistryOptions } from "./repository.ts";
import { RegistrySession } from "./session.ts";

const bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
const clock = { now: () => 0, random: () => 0.5, sleep: async () => {} };

function open(server: TestRegistry, options: OpenRegistryOptions = {}): ImageDestination {
  return openRegistry({ registry: server.host, repository: "app" }, { clock, http: { clock }, ...options });
}

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** An image in the registry, and a way to make artifacts about it. */
function prepare(server: TestRegistry): {
  readonly image: Descriptor;
  readonly artifact: (name: string, more?: object) => Buffer;
} {
  const empty = server.putBlob("app", Buffer.from("{}"));
  const config = { ...empty, mediaType: mediaTypes.ociEmpty };
  const image = server.putManifest("app", {
    bytes: encode({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [config] }),
    mediaType: mediaTypes.ociManifest,
    tag: "v1",
  });
  const artifact = (name: string, more: object = { artifactType: bundle }): Buffer =>
    encode({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config,
      layers: [config],
      annotations: { name },
      subject: image,
      ...more,
    });
  return { image, artifact };
}

const methods = (server: TestRegistry): readonly string[] =>
  server.requests.map(({ method, target, status }) => `${method} ${target.split("/")[3]} ${status}`);
const failing = async (work: Promise<unknown>, code: string): Promise<void> => {
  await expect(work).rejects.toSatisfy((error) => hasCode(error, code), code);
};
const tagged = (server: TestRegistry, image: Descriptor): readonly Descriptor[] => {
  const repository = server.repository("app");
  const bytes = repository.manifests.get(repository.tags.get(referrersTag(image.digest)) ?? "")?.bytes;
  return bytes === undefined
    ? []
    : (JSON.parse(Buffer.from(bytes).toString()) as { manifests: Descriptor[] }).manifests;
};

test.each(["api", 404] as const)(
  "an artifact may come before its subject (referrers: %s, sign.md A4)",
  async (referrers) => {
    await using server = await startRegistry({ referrers });
    await using repository = open(server);
    const { artifact } = prepare(server);
    const image = artifact("image", { subject: undefined });
    const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf(image), size: image.length };
    const { digest } = await repository.pushManifest(artifact("early", { subject }), mediaTypes.ociManifest);
    await repository.pushManifest(image, mediaTypes.ociManifest);
    expect((await repository.listReferrers(subject.digest)).map((found) => found.digest)).toEqual([digest]);
  },
);

describe("where the registry has the referrers API", () => {
  test("an artifact is listed, and no tag is written; the API is tried once (OCI-3)", async () => {
    await using server = await startRegistry();
    const { image, artifact } = prepare(server);
    await using repository = open(server);
    const first = await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    await repository.pushManifest(artifact("b"), mediaTypes.ociManifest);
    expect(methods(server)).toEqual(["PUT manifests 201", "GET referrers 200", "PUT manifests 201"]);
    const listed = await repository.listReferrers(image.digest);
    expect(listed).toHaveLength(2);
    expect(listed[0]).toEqual({ ...first, artifactType: bundle, annotations: { name: "a" } });
    expect([...server.repository("app").tags.keys()]).toEqual(["v1"]);
  });

  test("an artifact is listed also when the registry does not say so in a header", async () => {
    await using server = await startRegistry();
    server.inject({
      method: "PUT",
      path: /manifests/,
      effect: { type: "headers", headers: { "oci-subject": undefined } },
    });
    const { artifact } = prepare(server);
    await using repository = open(server);
    await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    expect([...server.repository("app").tags.keys()]).toEqual(["v1"]);
  });

  test("a header that names another subject is not believed", async () => {
    await using server = await startRegistry({ referrers: "header-without-endpoint" });
    server.inject({
      method: "PUT",
      path: /manifests/,
      effect: { type: "headers", headers: { "oci-subject": digestOf("other") } },
    });
    const { image, artifact } = prepare(server);
    await using repository = open(server);
    await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    expect(tagged(server, image)).toHaveLength(1);
  });

  test("every page is read", async () => {
    await using server = await startRegistry({ referrersPageSize: 3 });
    const { image, artifact } = prepare(server);
    for (let index = 0; index < 10; index += 1) {
      server.putManifest("app", { bytes: artifact(String(index)), mediaType: mediaTypes.ociManifest });
    }
    await using repository = open(server);
    expect(await repository.listReferrers(image.digest)).toHaveLength(10);
  });

  test.each(["cyclic", "endless"] as const)(
    "pages that are %s end in an error after a bounded number (OCI-3, oras-go GHSA-298f)",
    async (referrersPaging) => {
      await using server = await startRegistry({ referrersPaging });
      const { image } = prepare(server);
      await using repository = open(server);
      await failing(repository.listReferrers(image.digest), "REGISTRY_RESPONSE_INVALID");
      expect(server.requests.length).toBeLessThan(referrersPaging === "cyclic" ? 4 : 110);
    },
  );

  test("a page on another host is not asked for", async () => {
    await using thief = await startRegistry();
    await using server = await startRegistry();
    const { image } = prepare(server);
    server.inject({
      path: /referrers/,
      effect: { type: "headers", headers: { link: `<${thief.origin}/v2/app/referrers/x>; rel="next"` } },
    });
    await using repository = open(server);
    await failing(repository.listReferrers(image.digest), "REGISTRY_RESPONSE_INVALID");
    expect(thief.requests).toHaveLength(0);
  });

  test("a filter keeps its type and what is of unknown type", async () => {
    await using server = await startRegistry();
    const { image, artifact } = prepare(server);
    for (const [name, more] of Object.entries({ a: { artifactType: bundle }, b: { artifactType: "x/y" }, c: {} })) {
      server.putManifest("app", { bytes: artifact(name, more), mediaType: mediaTypes.ociManifest });
    }
    await using repository = open(server);
    const listed = await repository.listReferrers(image.digest, { artifactType: bundle });
    expect(listed.map(({ annotations }) => annotations?.["name"])).toEqual(["a", "c"]);
  });

  test("the registry's failure is an error and not an empty list", async () => {
    await using server = await startRegistry({ referrers: 403 });
    const { image } = prepare(server);
    await using repository = open(server);
    await failing(repository.listReferrers(image.digest), "REGISTRY_DENIED");
    server.inject({ path: /referrers/, effect: { type: "status", status: 500 } });
    await failing(repository.listReferrers(image.digest), "REGISTRY_FAILED");
  });
});

describe("what is on the fallback tag of a registry that has the API", () => {
  test("is not read: the registry itself lists it, or it was taken off (sign.md A4)", async () => {
    await using server = await startRegistry();
    const { image, artifact } = prepare(server);
    const old = server.putManifest("app", { bytes: artifact("old"), mediaType: mediaTypes.ociManifest });
    const entries = [old, { ...old, digest: digestOf("stale") }];
    server.putManifest("app", {
      bytes: encode({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries }),
      mediaType: mediaTypes.ociIndex,
      tag: referrersTag(image.digest),
    });
    await using repository = open(server);
    const listed = await repository.listReferrers(image.digest);
    expect(listed.map(({ digest }) => digest)).toEqual([old.digest]);
    expect(methods(server)).toEqual(["GET referrers 200"]);
  });

  test.each(["api", 404] as const)(
    "an artifact may be there before its subject (%s, sign.md A4)",
    async (referrers) => {
      await using server = await startRegistry({ referrers });
      const { image, artifact } = prepare(server);
      server.repository("app").manifests.clear();
      server.repository("app").tags.clear();
      await using repository = open(server);
      const { digest } = await repository.pushManifest(artifact("early"), mediaTypes.ociManifest);
      expect((await repository.listReferrers(image.digest)).map((entry) => entry.digest)).toEqual([digest]);
    },
  );
});

describe("where the registry lacks the referrers API", () => {
  test.each([400, 404, 405, 406, 501, "wrong-content-type", "header-without-endpoint"] as const)(
    "and says so by %s, the fallback tag is kept and read (OCI-3, OCI-7)",
    async (referrers) => {
      await using server = await startRegistry({ referrers });
      const { image, artifact } = prepare(server);
      await using repository = open(server);
      const first = await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
      const second = await repository.pushManifest(artifact("b", { artifactType: undefined }), mediaTypes.ociManifest);
      expect(tagged(server, image)).toEqual([
        { ...first, artifactType: bundle, annotations: { name: "a" } },
        { ...second, artifactType: mediaTypes.ociEmpty, annotations: { name: "b" } },
      ]);
      expect(await repository.listReferrers(image.digest, { artifactType: bundle })).toHaveLength(2);
      expect(server.requests.filter(({ target }) => target.includes("/referrers/"))).toHaveLength(1);
    },
  );

  test("which is learnt once for all repositories of a session", async () => {
    await using server = await startRegistry({ referrers: 404 });
    const { image } = prepare(server);
    await using session = new RegistrySession({ clock, http: { clock } });
    for (let round = 0; round < 3; round += 1)
      expect(await open(server, { session }).listReferrers(image.digest)).toEqual([]);
    expect(methods(server)).toEqual([
      "GET referrers 404",
      "GET manifests 404",
      "GET manifests 404",
      "GET manifests 404",
    ]);
  });

  test("a 404 for want of the repository or the subject says nothing of the API", async () => {
    await using server = await startRegistry();
    const { image, artifact } = prepare(server);
    await using repository = open(server);
    for (const code of ["NAME_UNKNOWN", "MANIFEST_UNKNOWN"]) {
      const body = JSON.stringify({ errors: [{ code }] });
      server.inject({ path: /referrers/, times: 1, effect: { type: "status", status: 404, body } });
      expect(await repository.listReferrers(image.digest)).toEqual([]);
      server.clearFaults();
    }
    server.putManifest("app", { bytes: artifact("a"), mediaType: mediaTypes.ociManifest });
    expect(await repository.listReferrers(image.digest)).toHaveLength(1);
  });

  test("the tag of Artifactory, which answers 403 for a missing one, is made", async () => {
    await using server = await startRegistry({ referrers: 404, missingManifestStatus: 403 });
    const { image, artifact } = prepare(server);
    await using repository = open(server);
    await repository.resolve("v1");
    await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    expect(tagged(server, image)).toHaveLength(1);
  });

  test("the tag of Artifactory is made also by whoever has read nothing there before", async () => {
    await using server = await startRegistry({ referrers: 404, missingManifestStatus: 403 });
    const { image, artifact } = prepare(server);
    await using repository = open(server);
    await repository.pushManifest(
      artifact("a", { artifactType: bundle, subject: { ...image, digest: digestOf("gone") } }),
      mediaTypes.ociManifest,
    );
    await using other = open(server);
    expect(await other.listReferrers(image.digest)).toEqual([]);
    server.inject({ method: "HEAD", path: /manifests/, effect: { type: "status", status: 403 } });
    await using writer = open(server);
    await failing(writer.pushManifest(artifact("b"), mediaTypes.ociManifest), "REGISTRY_DENIED");
  });

  test("what others wrote into the tag is kept as it is, and the same entry is not added twice", async () => {
    await using server = await startRegistry({ referrers: 404 });
    const { image, artifact } = prepare(server);
    const old = server.putManifest("app", { bytes: artifact("old"), mediaType: mediaTypes.ociManifest });
    const entry = { ...old, artifactType: mediaTypes.ociEmpty, "x-unknown": 1 };
    server.putManifest("app", {
      bytes: encode({
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: [entry],
        annotations: { kept: "yes" },
      }),
      mediaType: mediaTypes.ociIndex,
      tag: referrersTag(image.digest),
    });
    await using repository = open(server);
    await repository.pushManifest(artifact("new"), mediaTypes.ociManifest);
    await repository.pushManifest(artifact("new"), mediaTypes.ociManifest);
    expect(tagged(server, image)[0]).toEqual(entry);
    expect(tagged(server, image)).toHaveLength(2);
    const bytes = server
      .repository("app")
      .manifests.get(server.repository("app").tags.get(referrersTag(image.digest)) ?? "")?.bytes;
    expect(Buffer.from(bytes ?? []).toString()).toContain('"annotations":{"kept":"yes"}');
  });

  test("writers at the same time lose nothing where conditions are held to", async () => {
    await using server = await startRegistry({ referrers: 404 });
    const { image, artifact } = prepare(server);
    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await using repository = open(server);
        await repository.pushManifest(artifact(`writer-${index}`), mediaTypes.ociManifest);
      }),
    );
    expect(tagged(server, image)).toHaveLength(8);
  });

  test("an entry that another writer overwrote is noticed and added again", async () => {
    await using server = await startRegistry({ referrers: 404, conditionalPut: false, etags: false });
    const { image, artifact } = prepare(server);
    const tag = referrersTag(image.digest);
    const rival = server.putManifest("app", { bytes: artifact("rival"), mediaType: mediaTypes.ociManifest });
    let overwritten = false;
    const repositoryOfServer = server.repository("app");
    const set = repositoryOfServer.tags.set.bind(repositoryOfServer.tags);
    repositoryOfServer.tags.set = (name, digest) => {
      if (name !== tag || overwritten) return set(name, digest);
      overwritten = true;
      server.putManifest("app", {
        bytes: encode({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [rival] }),
        mediaType: mediaTypes.ociIndex,
        tag,
      });
      return repositoryOfServer.tags;
    };
    await using repository = open(server);
    const mine = await repository.pushManifest(artifact("mine"), mediaTypes.ociManifest);
    expect(tagged(server, image).map(({ digest }) => digest)).toEqual([rival.digest, mine.digest]);
  });

  test("a repository whose tags cannot be rewritten is an error with the registry's own words", async () => {
    await using server = await startRegistry({ referrers: 404, immutableTags: true });
    const { artifact } = prepare(server);
    await using repository = open(server);
    await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    await expect(repository.pushManifest(artifact("b"), mediaTypes.ociManifest)).rejects.toMatchObject({
      code: "REGISTRY_REFUSED",
      facts: { codes: "TAG_INVALID" },
    });
  });

  test("a tag that is no index is refused", async () => {
    await using server = await startRegistry({ referrers: 404 });
    const { image, artifact } = prepare(server);
    server.putManifest("app", {
      bytes: artifact("x"),
      mediaType: mediaTypes.ociManifest,
      tag: referrersTag(image.digest),
    });
    await using repository = open(server);
    await failing(repository.listReferrers(image.digest), "REFERRERS_INVALID");
  });

  test("a deleted artifact leaves the list", async () => {
    await using server = await startRegistry({ referrers: 404 });
    const { image, artifact } = prepare(server);
    await using repository = open(server);
    const first = await repository.pushManifest(artifact("a"), mediaTypes.ociManifest);
    const second = await repository.pushManifest(artifact("b"), mediaTypes.ociManifest);
    await repository.deleteManifest(first.digest);
    expect(tagged(server, image).map(({ digest }) => digest)).toEqual([second.digest]);
  });
});

test("the fallback tag cuts what is longer than a tag may be", () => {
  expect(referrersTag(digestOf("x"))).toBe(digestOf("x").replace(":", "-"));
  expect(referrersTag(digestOf("x", "sha512"))).toBe(`sha512-${digestOf("x", "sha512").slice(7, 71)}`);
});

describe("tags", () => {
  const bytes = "{}";

  test("are listed over all pages, also where the page size asked for is ignored", async () => {
    for (const tagPaging of ["honest", "ignored"] as const) {
      await using server = await startRegistry({ tagPaging });
      for (let index = 0; index < 1500; index += 1) {
        server.putManifest("app", {
          bytes,
          mediaType: mediaTypes.ociManifest,
          tag: `v${String(index).padStart(4, "0")}`,
        });
      }
      await using repository = open(server);
      const tags = await repository.listTags();
      expect([tags.length, tags[0], tags[1499]]).toEqual([1500, "v0000", "v1499"]);
    }
  });

  test("of a repository that is not there are an error; of one without tags there are none", async () => {
    await using server = await startRegistry();
    await using repository = open(server);
    await failing(repository.listTags(), "REPOSITORY_NOT_FOUND");
    server.inject({ path: /tags/, effect: { type: "status", status: 200, body: '{"name":"app","tags":null}' } });
    expect(await repository.listTags()).toEqual([]);
  });

  test.each(["cyclic", "endless"] as const)("pages that are %s end in an error", async (tagPaging) => {
    await using server = await startRegistry({ tagPaging });
    server.putManifest("app", { bytes, mediaType: mediaTypes.ociManifest, tag: "v1" });
    await using repository = open(server);
    await failing(repository.listTags(), "REGISTRY_RESPONSE_INVALID");
  });
});
