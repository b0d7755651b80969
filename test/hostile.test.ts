import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { archiveErrorCodes } from "@sc/archive";
import { httpErrorCodes } from "@sc/http";
import { digestOf, type ErrorCodes, isScError, modelErrorCodes, type ScError } from "@sc/model";
import {
  copyImage,
  ociErrorCodes,
  openDestination,
  openImage,
  type OpenRegistryOptions,
  openSource,
  parseReference,
} from "@sc/oci";
import { rootfsErrorCodes, walkLayers } from "@sc/rootfs";
import { buildImage, buildLayer, pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { type Bad, badInput, good } from "./bad-input.ts";

// Whatever is wrong with what we are given, from the wire to the disk: a typed error that says what to do, the exit code the
// table names, nothing half-written, and no secret in any word of it.

const codes: ErrorCodes = {
  ...modelErrorCodes,
  ...httpErrorCodes,
  ...archiveErrorCodes,
  ...ociErrorCodes,
  ...rootfsErrorCodes,
};

const password = "correct-horse-battery";
const secrets = [password, Buffer.from(`ann:${password}`).toString("base64"), "token-", "signature=let-me-in"];

const clock = { now: () => 0, random: () => 0, sleep: async (): Promise<void> => {} };

interface Place extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly reference: string;
  readonly options: { readonly registry: OpenRegistryOptions };
}

async function prepare(bad: Bad): Promise<Place> {
  const registry = await startRegistry({ auth: { scheme: "basic", users: { ann: password } }, ...bad.registry });
  const image = buildImage({ layers: [bad.layer ?? good], manifest: bad.manifest ?? {} });
  const reference = pushImage(registry, "app:v1", image);
  if (bad.document !== undefined) {
    registry.putManifest("app", { bytes: bad.document, mediaType: image.descriptor.mediaType, tag: "v1" });
  }
  if (bad.fault !== undefined) registry.inject(bad.fault);
  const explicit = [{ registry: registry.host, user: "ann", password }];
  const session: OpenRegistryOptions = {
    clock,
    credentials: bad.credentials ?? { explicit },
    tlsLoopback: bad.registry?.tls === undefined ? [] : [registry.host],
    http: { clock, timeouts: { idleMilliseconds: 100 } },
  };
  return {
    registry,
    reference,
    options: { registry: session },
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

async function walkImage({ reference: text, options }: Place): Promise<void> {
  const reference = parseReference(text);
  await using source = await openSource(reference, options);
  const image = await openImage(source, reference);
  await walkLayers(image.layers, []);
}

async function copyInto(layout: string, { reference: text, options }: Place): Promise<void> {
  const reference = parseReference(text);
  const to = parseReference(`oci-layout:${layout}:v1`);
  await using source = await openSource(reference, options);
  await using destination = await openDestination(to);
  await copyImage({ source, reference }, { destination, reference: to });
}

async function failureOf(work: Promise<unknown>): Promise<ScError> {
  try {
    await work;
  } catch (error) {
    if (isScError(error)) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** Everything an error would show: itself, its facts, and all that caused it. */
function everyWord(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const facts = isScError(error) ? JSON.stringify(error.facts) + (error.hint ?? "") : "";
  return `${error.message} ${facts} ${error.stack ?? ""}\n${error.cause === undefined ? "" : everyWord(error.cause)}`;
}

/** What lies in a layout that should not: files that are no blobs of their name, and anything half-written. */
async function leftOver(layout: string): Promise<readonly string[]> {
  const files = await readdir(layout, { recursive: true, withFileTypes: true }).catch(() => []);
  const strange: string[] = [];
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    const isBlob = basename(file.parentPath) === "sha256" && digestOf(await readFile(path)) === `sha256:${file.name}`;
    const isFrame = ["oci-layout", "index.json"].includes(file.name);
    if (file.name === "index.json") {
      const { manifests: named } = JSON.parse(await readFile(path, "utf8")) as { manifests: unknown[] };
      if (named.length > 0) strange.push("index.json names an image");
    }
    if (!isBlob && !isFrame) strange.push(path);
  }
  return strange;
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "hostile-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function expectCivil(error: ScError, { code, exit }: { readonly code: string; readonly exit: number }): void {
  expect(error.code, error.message).toBe(code);
  expect(codes[error.code]?.exit).toBe(exit);
  expect(error.hint ?? codes[error.code]?.hint, `${error.code} says what to do`).toMatch(/^[A-Z]/);
  const words = everyWord(error);
  for (const secret of secrets) expect(words).not.toContain(secret);
}

// A disk of 256 KiB; only root may have one.
function mount(folder: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]).status === 0;
}

function unmount(folder: string): void {
  spawnSync("umount", [folder]);
}

const canMount = await (async (): Promise<boolean> => {
  let mounted = false;
  await inFolder(async (folder) => {
    mounted = mount(folder);
    if (mounted) unmount(folder);
  });
  if (!mounted) process.stderr.write("hostile: no small disk can be mounted here; the full disk is skipped\n");
  return mounted;
})();

// A megabyte that gzip makes no smaller: a chain of digests.
const incompressible = buildLayer([{ path: "noise", content: noise(1024 * 1024) }]);

function noise(bytes: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes; at += 32) pieces.push(Buffer.from(digestOf(String(at)).slice("sha256:".length), "hex"));
  return Buffer.concat(pieces);
}

describe("an image that cannot be trusted or had", () => {
  test.each(badInput)("$name is $code (OCI-6)", async (bad) => {
    await using place = await prepare(bad);
    expectCivil(await failureOf(walkImage(place)), bad);
  });

  test.each(badInput.filter(({ copyFails }) => copyFails !== false))(
    "$name leaves nothing behind in a copy",
    async (bad) => {
      await using place = await prepare(bad);
      await inFolder(async (folder) => {
        const layout = join(folder, "layout");
        expectCivil(await failureOf(copyInto(layout, place)), bad);
        expect(await leftOver(layout)).toEqual([]);
      });
    },
  );
});

describe("files that cannot be read or written", () => {
  const place: Bad = { name: "a good image", code: "", exit: 4 };

  test("a config.json that is broken is CREDENTIALS_INVALID and its secret is not shown (OCI-4)", async () => {
    await inFolder(async (folder) => {
      const dockerConfig = join(folder, "config.json");
      const entry = { auth: Buffer.from(`ann:${password}`).toString("base64") };
      const whole = JSON.stringify({ auths: { "registry.example": entry } });
      for (const broken of [whole.slice(0, -1), `${whole} ${password}`, JSON.stringify({ auths: [password] })]) {
        await writeFile(dockerConfig, broken);
        await using asked = await prepare({ ...place, credentials: { dockerConfig } });
        expectCivil(await failureOf(walkImage(asked)), { code: "CREDENTIALS_INVALID", exit: 3 });
      }
    });
  });

  test("a layout whose blob cannot be read is FILE_READ_FAILED, and one that is no layout LAYOUT_INVALID", async () => {
    await using asked = await prepare(place);
    await inFolder(async (folder) => {
      const layout = join(folder, "layout");
      await copyInto(layout, asked);
      const blob = join(layout, "blobs", good.descriptor.digest.replace(":", "/"));
      await rm(blob);
      await mkdir(blob);
      const local = { ...asked, reference: `oci-layout:${layout}:v1` };
      expectCivil(await failureOf(walkImage(local)), { code: "FILE_READ_FAILED", exit: 4 });
      await rm(join(layout, "index.json"));
      expectCivil(await failureOf(walkImage(local)), { code: "LAYOUT_INVALID", exit: 4 });
    });
  });

  test("a layout in a place that is no folder is FILE_WRITE_FAILED", async () => {
    await using asked = await prepare(place);
    await inFolder(async (folder) => {
      await writeFile(join(folder, "file"), "");
      const failure = await failureOf(copyInto(join(folder, "file", "layout"), asked));
      expectCivil(failure, { code: "FILE_WRITE_FAILED", exit: 4 });
    });
  });

  test.skipIf(!canMount)(
    "a disk that fills up is FILE_WRITE_FAILED, and nothing half-written stays on it",
    async () => {
      await using asked = await prepare({ ...place, layer: incompressible });
      await inFolder(async (folder) => {
        mount(folder);
        try {
          const layout = join(folder, "layout");
          const failure = await failureOf(copyInto(layout, asked));
          expectCivil(failure, { code: "FILE_WRITE_FAILED", exit: 4 });
          expect(everyWord(failure)).toContain("ENOSPC");
          expect(await leftOver(layout)).toEqual([]);
        } finally {
          unmount(folder);
        }
      });
    },
  );
});
