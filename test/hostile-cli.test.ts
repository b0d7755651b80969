import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { digestOf } from "@sc/model";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Bad, badInput, good } from "./bad-input.ts";
import { documentOf, type Ran, runCli } from "./run-cli.ts";
import { startTunnel } from "./tunnel.ts";

// The same as in hostile.test.ts by the words of the command line: code, exit code, hint, no file, no secret.

const folder = mkdtempSync(join(tmpdir(), "sc-hostile-"));
let work = "";
beforeEach(() => void (work = mkdtempSync(join(folder, "work-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const password = "correct-horse-battery";
const basic = Buffer.from(`ann:${password}`).toString("base64");
const secrets = [password, basic, "token-", "signature=let-me-in"];

interface Place extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly reference: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** A registry with what is wrong. One with TLS is reached by a name and a proxy, since loopback is asked over plain http. */
async function prepare(bad: Bad): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(
    await startRegistry({ auth: { scheme: "basic", users: { ann: password } }, ...bad.registry }),
  );
  const image = buildImage({ layers: [bad.layer ?? good], manifest: bad.manifest ?? {} });
  const reference = pushImage(registry, "app:v1", image);
  if (bad.document !== undefined) {
    registry.putManifest("app", { bytes: bad.document, mediaType: image.descriptor.mediaType, tag: "v1" });
  }
  if (bad.fault !== undefined) registry.inject(bad.fault);
  const plain = { HOME: join(work, "home"), LANG: "C.UTF-8" };
  const tunnel = bad.registry?.tls === undefined ? undefined : stack.use(await startTunnel(registry.host));
  const running = stack.move();
  return {
    registry,
    reference: tunnel === undefined ? reference : "registry.example/app:v1",
    variables: tunnel === undefined ? plain : { ...plain, HTTPS_PROXY: tunnel.url },
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

const logIn = ["--username", "ann", "--password-stdin"];

const nextTurn = async (): Promise<false> => await new Promise((resolve) => setImmediate(resolve, false));

/** Runs the words, and lets a minute pass again and again once a server that falls silent was asked for the layer. */
async function run(words: readonly string[], place: Place, bad: Bad): Promise<Ran> {
  const options = { input: `${password}\n`, variables: place.variables };
  if (bad.fault?.effect.type !== "stall") return await runCli(words, options);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const running = runCli(words, options);
    const over = running.then(() => true);
    for (let turn = 1; !(await Promise.race([over, nextTurn()])); turn += 1) {
      const isAsked = place.registry.requests.some(({ target }) => bad.fault?.path.test(target));
      if (isAsked && turn % 50 === 0) vi.advanceTimersByTime(61_000);
    }
    return await running;
  } finally {
    vi.useRealTimers();
  }
}

/** The files below a folder; what is not there has none. */
function filesBelow(path: string): readonly string[] {
  return existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
}

function expectRefused(ran: Ran, { code, exit }: Pick<Bad, "code" | "exit">): void {
  expect(documentOf(ran), ran.stderr).toMatchObject({
    outcome: exit === 1 ? "violation" : "error",
    error: { code, hint: expect.stringMatching(/^[A-Z]/) },
  });
  expect(ran.exitCode).toBe(exit);
  for (const secret of secrets) expect(ran.stdout + ran.stderr).not.toContain(secret);
}

describe("an image that cannot be trusted or had, on the command line", () => {
  test.each(badInput)("$name ends in $exit as $code, with a hint and without a file (OCI-6)", async (bad) => {
    await using place = await prepare(bad);
    const output = join(work, "out", "sbom.json");
    const words = ["-v", "sbom", "generate", "-i", place.reference, "--output", output, "--json", ...logIn];
    expectRefused(await run(words, place, bad), bad);
    expect(filesBelow(work)).toEqual([]);
  });

  test.each(badInput.filter(({ copyFails }) => copyFails !== false))(
    "$name ends a copy, and leaves no image and no half-written file (OCI-6)",
    async (bad) => {
      await using place = await prepare(bad);
      const layout = join(work, "layout");
      const words = ["-v", "image", "copy", place.reference, `oci-layout:${layout}:v1`, "--json", ...logIn];
      expectRefused(await run(words, place, bad), bad);
      expect(filesBelow(work).filter((path) => !isWholeBlob(path))).toEqual([]);
      const archive = join(work, "image.tar");
      rmSync(layout, { recursive: true, force: true });
      const again = ["-v", "image", "copy", place.reference, `oci-archive:${archive}:v1`, "--json", ...logIn];
      expectRefused(await run(again, place, bad), bad);
      expect(filesBelow(work)).toEqual([]);
    },
  );
});

// A disk of 256 KiB; only root may have one.
const mount = (path: string): boolean =>
  spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", path]).status === 0;
const unmount = (path: string): unknown => spawnSync("umount", [path]);

const canMount = ((): boolean => {
  const path = mkdtempSync(join(folder, "mount-"));
  const mounted = mount(path);
  if (mounted) unmount(path);
  else process.stderr.write("hostile-cli: no small disk can be mounted here; the full disk is skipped\n");
  return mounted;
})();

// A megabyte that gzip makes no smaller: a chain of digests.
const noise = Buffer.concat(
  Array.from({ length: 32_768 }, (_, index) => Buffer.from(digestOf(String(index)).slice("sha256:".length), "hex")),
);

describe("files that cannot be read or written, on the command line", () => {
  const sound: Bad = { name: "a sound image", code: "", exit: 4 };

  test.each([
    ["that is cut", (whole: string) => whole.slice(0, -1)],
    ["with something behind it", (whole: string) => `${whole} ${password}`],
    ["with a list for an object", () => JSON.stringify({ auths: [password] })],
    [
      "whose auth has no colon",
      () => JSON.stringify({ auths: { HOST: { auth: Buffer.from(password).toString("base64") } } }),
    ],
    ["that is a folder", undefined],
  ])("a config.json %s is CREDENTIALS_INVALID in 3, and its secret is not shown (OCI-4)", async (_, spoil) => {
    await using place = await prepare(sound);
    const config = join(work, "docker", "config.json");
    mkdirSync(spoil === undefined ? config : join(work, "docker"), { recursive: true });
    const whole = JSON.stringify({ auths: { [place.registry.host]: { auth: basic } } });
    if (spoil !== undefined) writeFileSync(config, spoil(whole).replace("HOST", place.registry.host));
    const variables = { ...place.variables, DOCKER_CONFIG: join(work, "docker") };
    const ran = await runCli(["-v", "image", "inspect", "-i", place.reference, "--json"], { variables });
    expectRefused(ran, { code: "CREDENTIALS_INVALID", exit: 3 });
    expect(ran.stdout).toContain("config.json");
  });

  test("a layout whose blob cannot be read is FILE_READ_FAILED in 4, and no document is left", async () => {
    await using place = await prepare(sound);
    const layout = join(work, "layout");
    const copied = await run(["image", "copy", place.reference, `oci-layout:${layout}:v1`, ...logIn], place, sound);
    expect(copied.exitCode, copied.stderr).toBe(0);
    const blob = join(layout, "blobs", good.descriptor.digest.replace(":", "/"));
    rmSync(blob);
    mkdirSync(blob);
    const output = join(work, "sbom.json");
    const words = ["sbom", "generate", "-i", `oci-layout:${layout}:v1`, "--output", output, "--json"];
    expectRefused(await run(words, place, sound), { code: "FILE_READ_FAILED", exit: 4 });
    expect(existsSync(output)).toBe(false);
  });

  test.skipIf(!canMount)(
    "a disk that fills up ends every command that writes in 4, and leaves nothing half-written",
    async () => {
      await using place = await prepare({ ...sound, layer: buildLayer([{ path: "noise", content: noise }]) });
      const disk = join(work, "disk");
      mkdirSync(disk);
      mount(disk);
      try {
        for (const scheme of ["oci-layout", "oci-archive", "docker-archive"]) {
          const to = `${scheme}:${join(disk, "image")}:v1`;
          const ran = await run(["-v", "image", "copy", place.reference, to, "--json", ...logIn], place, sound);
          expectRefused(ran, { code: "FILE_WRITE_FAILED", exit: 4 });
          expect(ran.stdout + ran.stderr, scheme).toMatch(/ENOSPC|no space/);
          expect(filesBelow(disk).filter((path) => !isWholeBlob(path))).toEqual([]);
          rmSync(join(disk, "image"), { recursive: true, force: true });
        }
        writeFileSync(join(disk, "much"), noise.subarray(0, 256 * 1024));
        const words = ["-v", "sbom", "generate", "-i", place.reference, "--json", ...logIn];
        const ran = await run([...words, "--output", join(disk, "sbom.json")], place, sound);
        expectRefused(ran, { code: "FILE_UNWRITABLE", exit: 4 });
        expect(filesBelow(disk)).toEqual([join(disk, "much")]);
        // A cache is no answer: one that cannot be written costs a warning.
        const cached = await run([...words, "--cache-dir", join(disk, "cache")], place, sound);
        expect(cached.exitCode, cached.stderr).toBe(0);
        expect(filesBelow(disk)).toEqual([join(disk, "much")]);
      } finally {
        unmount(disk);
      }
    },
  );
});

/** Whether a file is content under its own digest, or the frame of a layout that names no image: what a later copy finds there. */
function isWholeBlob(path: string): boolean {
  const bytes = readFileSync(path);
  if (basename(path) === "oci-layout") return true;
  if (basename(path) === "index.json") return JSON.parse(bytes.toString()).manifests.length === 0;
  return digestOf(bytes) === `sha256:${basename(path)}`;
}
