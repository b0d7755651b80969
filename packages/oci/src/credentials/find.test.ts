import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isScError } from "@sc/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCredential } from "./find.ts";
import { matchingKey } from "./match.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sc-credentials-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

let files = 0;
async function file(content: unknown): Promise<string> {
  files += 1;
  const path = join(folder, `config-${files}.json`);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const auth = (user: string, password: string): { readonly auth: string } => ({
  auth: Buffer.from(`${user}:${password}`).toString("base64"),
});
const at = (registry: string, repository = "acme/app"): { readonly registry: string; readonly repository: string } => ({
  registry,
  repository,
});

const match = (keys: readonly string[], registry: string, repository = "acme/app"): string | undefined =>
  matchingKey(keys, { registry, repository });

async function helper(name: string, script: string): Promise<void> {
  const path = join(folder, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

const searchPath = (): { readonly PATH: string } => ({ PATH: `${folder}:/usr/bin:/bin` });

describe("an entry is for a registry when", () => {
  test("host and port are exactly its own, never a part of a name (OCI-4, sigstore-js oci 0.7.2)", () => {
    expect(match(["ghcr.io"], "ghcr.io")).toBe("ghcr.io");
    for (const key of [
      "ghcr.io.evil.com",
      "evil-ghcr.io",
      "ghcr.i",
      "ghcr.io:443",
      "GHCR.io",
      "*.io",
      "",
      "io",
      "ghcr.io:5000",
    ]) {
      expect(match([key], "ghcr.io"), key).toBeUndefined();
    }
    expect(match(["ghcr.io"], "ghcr.io.evil.com")).toBeUndefined();
    expect(match(["localhost"], "localhost:5000")).toBeUndefined();
    expect(match(["localhost:5000"], "localhost:5000")).toBe("localhost:5000");
  });

  test("it is the URL that docker writes for it", () => {
    expect(match(["https://ghcr.io"], "ghcr.io")).toBe("https://ghcr.io");
    expect(match(["http://localhost:5000/v2/"], "localhost:5000")).toBe("http://localhost:5000/v2/");
    expect(match(["registry.example/v1/"], "registry.example")).toBe("registry.example/v1/");
    expect(match(["https://ghcr.io.evil.com/ghcr.io"], "ghcr.io")).toBeUndefined();
    expect(match(["https://user@ghcr.io/"], "ghcr.io")).toBeUndefined();
  });

  test("it is one of Docker Hub's names and the registry is Docker Hub", () => {
    for (const key of ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"]) {
      expect(match([key], "docker.io"), key).toBe(key);
      expect(match([key], "ghcr.io"), key).toBeUndefined();
    }
  });

  test("it is the longest of the namespaces that hold the repository, as podman has it", () => {
    const keys = ["quay.io", "quay.io/acme", "quay.io/acme/app", "quay.io/ac"];
    expect(match(keys, "quay.io", "acme/app/web")).toBe("quay.io/acme/app");
    expect(match(keys, "quay.io", "acme/application")).toBe("quay.io/acme");
    expect(match(keys, "quay.io", "acmeprivate/app")).toBe("quay.io");
    expect(match(["quay.io/acme"], "quay.io", "other/app")).toBeUndefined();
  });
});

describe("docker's config.json", () => {
  test("gives user and password, the password with its colons (OCI-4)", async () => {
    const path = await file({
      auths: { "ghcr.io": auth("me", "a:b:c"), "localhost:5000": { username: "u", password: "p" } },
    });
    expect((await findCredential(at("ghcr.io"), { dockerConfig: path })).credential).toEqual({
      kind: "password",
      user: "me",
      secret: "a:b:c",
      from: path,
    });
    expect((await findCredential(at("localhost:5000"), { dockerConfig: path })).credential?.user).toBe("u");
    expect(await findCredential(at("quay.io"), { dockerConfig: path })).toEqual({ searched: [path] });
  });

  test("gives identity and registry tokens", async () => {
    const path = await file({
      auths: {
        "a.io": { ...auth("me", ""), identitytoken: "refresh" },
        "b.io": { registrytoken: "bearer" },
        "c.io": {},
      },
    });
    const find = async (registry: string): Promise<unknown> =>
      (await findCredential(at(registry), { dockerConfig: path })).credential;
    expect(await find("a.io")).toMatchObject({ kind: "identity-token", secret: "refresh" });
    expect(await find("b.io")).toMatchObject({ kind: "bearer", secret: "bearer" });
    expect(await find("c.io")).toBeUndefined();
  });

  test("that is broken is named, and none of its secrets is", async () => {
    const broken = [
      '{"auths": {"ghcr.io": {"auth": "c2VjcmV0"}}',
      "c2VjcmV0",
      "[]",
      { auths: { "ghcr.io": { auth: "c2VjcmV0" } } },
      { auths: { "ghcr.io": { auth: ["c2VjcmV0"] } } },
      { auths: { "ghcr.io": "c2VjcmV0" } },
      { auths: "c2VjcmV0" },
      { auths: { "ghcr.io": { username: "me", password: "c2VjcmV0\nx-evil: 1" } } },
    ];
    for (const content of broken) {
      const path = await file(content);
      const error = await findCredential(at("ghcr.io"), { dockerConfig: path }).catch((thrown: unknown) => thrown);
      if (!isScError(error)) throw new Error(`${JSON.stringify(content)} was taken`);
      expect(error.code).toBe("CREDENTIALS_INVALID");
      expect(error.message).toContain(JSON.stringify(path));
      expect(`${error.message} ${String(error.cause)}`).not.toMatch(/c2VjcmV0|secret/);
    }
  });

  test("that is not there holds nothing; that cannot be read is an error", async () => {
    expect(await findCredential(at("ghcr.io"), { dockerConfig: join(folder, "none") })).toEqual({
      searched: [join(folder, "none")],
    });
    await expect(findCredential(at("ghcr.io"), { dockerConfig: folder })).rejects.toMatchObject({
      code: "CREDENTIALS_INVALID",
    });
  });
});

describe("a credential helper", () => {
  test("is asked for the registry by name, before auths (OCI-4)", async () => {
    await helper(
      "good",
      'read server; printf \'{"ServerURL":"%s","Username":"%s","Secret":"s3cret"}\' "$server" "$1-$server"',
    );
    const path = await file({
      auths: { "ghcr.io": auth("file", "x") },
      credHelpers: { "ghcr.io": "good" },
      credsStore: "none",
    });
    const found = await findCredential(at("ghcr.io"), { dockerConfig: path, environment: searchPath() });
    expect(found.credential).toMatchObject({ kind: "password", user: "get-ghcr.io", secret: "s3cret" });
    const off = await findCredential(at("ghcr.io"), { dockerConfig: path, helpers: false });
    expect(off.credential?.user).toBe("file");
  });

  test("is asked for Docker Hub under docker's own name, and may give an identity token", async () => {
    await helper("hub", 'read server; printf \'{"Username":"<token>","Secret":"%s"}\' "$server"');
    const path = await file({ credsStore: "hub" });
    const found = await findCredential(at("docker.io"), { dockerConfig: path, environment: searchPath() });
    expect(found.credential).toMatchObject({ kind: "identity-token", secret: "https://index.docker.io/v1/" });
  });

  test("that knows nothing is passed over", async () => {
    await helper("empty", "echo 'credentials not found in native keychain'; exit 1");
    const path = await file({ auths: { "ghcr.io": auth("file", "x") }, credsStore: "empty" });
    const found = await findCredential(at("ghcr.io"), { dockerConfig: path, environment: searchPath() });
    expect(found.credential?.user).toBe("file");
  });

  test("that is missing is told when it is the common one, and fatal when it is named for the registry", async () => {
    const codes: string[] = [];
    const common = await file({ credsStore: "missing" });
    const onProgress = (progress: { readonly type: string; readonly code?: string }): number =>
      codes.push(progress.code ?? "");
    expect(
      (await findCredential(at("ghcr.io"), { dockerConfig: common, environment: searchPath() }, { onProgress }))
        .credential,
    ).toBeUndefined();
    expect(codes).toEqual(["CREDENTIAL_HELPER_MISSING"]);
    const named = await file({ credHelpers: { "ghcr.io": "missing" } });
    await expect(
      findCredential(at("ghcr.io"), { dockerConfig: named, environment: searchPath() }),
    ).rejects.toMatchObject({
      code: "CREDENTIAL_HELPER_FAILED",
    });
  });

  test("is held to its time, its output, its protocol and a plain name", async () => {
    await helper("slow", "exec sleep 60");
    await helper("loud", "exec cat /dev/zero");
    await helper("odd", "echo 'c2VjcmV0 not json'");
    await helper("list", "echo '[]'");
    await helper("split", 'printf \'{"Username":"a\\\\r\\\\nx: y","Secret":"c2VjcmV0"}\'');
    await helper("broken", "echo c2VjcmV0; exit 3");
    for (const [name, code] of [
      ["slow", "CREDENTIAL_HELPER_FAILED"],
      ["loud", "CREDENTIAL_HELPER_FAILED"],
      ["odd", "CREDENTIAL_HELPER_FAILED"],
      ["list", "CREDENTIAL_HELPER_FAILED"],
      ["broken", "CREDENTIAL_HELPER_FAILED"],
      ["split", "CREDENTIALS_INVALID"],
      ["../../bin/sh", "CREDENTIALS_INVALID"],
      ["a b; rm -rf", "CREDENTIALS_INVALID"],
    ]) {
      const path = await file({ credsStore: name });
      const options = {
        dockerConfig: path,
        environment: searchPath(),
        helperMilliseconds: name === "slow" ? 100 : name === "loud" ? 2_000 : 20_000,
      };
      const finding = findCredential(at("ghcr.io"), options);
      await expect(finding, name).rejects.toMatchObject({ code });
      await expect(finding, name).rejects.not.toThrow(/c2VjcmV0/);
      // Stopped by what it wrote, not by its time: until then all of it would be held.
      if (name === "loud") await expect(finding).rejects.toThrow("it wrote more than 65536 bytes");
    }
  });

  test("is ended by an abort", async () => {
    const path = await file({ credsStore: "slow" });
    const controller = new AbortController();
    const finding = findCredential(
      at("ghcr.io"),
      { dockerConfig: path, environment: searchPath() },
      { signal: controller.signal },
    );
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(finding).rejects.toThrow("enough");
  });
});

describe("sources are asked in order", () => {
  test("the options win over the environment, that over podman's file, that over docker's (OCI-4)", async () => {
    const dockerConfig = await file({
      auths: {
        "a.io": auth("docker", "x"),
        "b.io": auth("docker", "x"),
        "c.io": auth("docker", "x"),
        "d.io": auth("docker", "x"),
      },
    });
    const podman = await file({
      auths: { "a.io/acme": auth("podman", "x"), "b.io": auth("podman", "x"), "c.io": auth("podman", "x") },
    });
    const environment = { SC_REGISTRY: "b.io", SC_REGISTRY_USER: "environment", SC_REGISTRY_PASSWORD: "x" };
    const explicit = [{ registry: "a.io", user: "explicit", password: "x" }];
    const user = async (registry: string): Promise<string | undefined> =>
      (
        await findCredential(at(registry), {
          explicit,
          environment,
          podmanAuth: [join(folder, "none"), podman],
          dockerConfig,
        })
      ).credential?.user;
    expect([
      await user("a.io"),
      await user("b.io"),
      await user("c.io"),
      await user("d.io"),
      await user("e.io"),
    ]).toEqual(["explicit", "environment", "podman", "docker", undefined]);
  });

  test("DOCKER_AUTH_CONFIG holds a whole config.json, and a token goes as it is", async () => {
    const environment = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "a.io": auth("ci", "x") } }) };
    expect((await findCredential(at("a.io"), { environment })).credential).toMatchObject({
      user: "ci",
      from: "DOCKER_AUTH_CONFIG",
    });
    const token = { SC_REGISTRY: "a.io", SC_REGISTRY_TOKEN: "t" };
    expect((await findCredential(at("a.io"), { environment: token })).credential).toMatchObject({
      kind: "bearer",
      secret: "t",
    });
    expect((await findCredential(at("a.io:444"), { environment: token })).searched).toEqual(["SC_REGISTRY"]);
    await expect(findCredential(at("a.io"), { environment: { DOCKER_AUTH_CONFIG: "{c2VjcmV0" } })).rejects.not.toThrow(
      /c2V/,
    );
  });
});
