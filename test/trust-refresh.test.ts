import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HttpClient } from "@sc/http";
import { isScError, type ScError } from "@sc/model";
import { type RefreshedTrust, refreshTrustRoot, type RefreshTrustRootOptions } from "@sc/sign";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Authorities } from "./sign-authorities.ts";
import { startTufMirror, type TufMirror } from "./tuf-mirror.ts";
import { startTunnel } from "./tunnel.ts";

const mediaType = "application/vnd.dev.sigstore.trustedroot+json;version=0.1";
const trustedRoot = JSON.stringify({
  mediaType,
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
});
const targets = { "trusted_root.json": trustedRoot };

let mirror: TufMirror;
let client: HttpClient;
let cacheFolder: string;
beforeEach(async () => {
  mirror = await startTufMirror(trustedRoot);
  client = createHttpClient({ retry: { tries: 1 } });
  cacheFolder = await mkdtemp(join(tmpdir(), "sc-refresh-"));
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await mirror[Symbol.asyncDispose]();
  await rm(cacheFolder, { recursive: true, force: true });
});

function refresh(options: Partial<RefreshTrustRootOptions> = {}): Promise<RefreshedTrust> {
  const initialRoot = Buffer.from(mirror.root);
  return refreshTrustRoot({ client, cacheFolder, mirrorUrl: mirror.origin, initialRoot, ...options });
}

async function refusalOf(call: Promise<unknown>): Promise<ScError> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (isScError(error)) return error;
  throw new Error("not refused", { cause: error });
}

/** Everything that is kept between refreshes, by name. */
async function kept(): Promise<Readonly<Record<string, string>>> {
  const [folder = ""] = await readdir(cacheFolder);
  const names = await readdir(join(cacheFolder, folder));
  const files = names.map(async (name) => [name, await readFile(join(cacheFolder, folder, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(files));
}

describe("a trust root is refreshed by TUF (SIGN-5)", () => {
  test("when it is asked for, through our own client, with the signing configuration where there is one", async () => {
    const { trustRoot, signingConfig } = await refresh();
    expect(trustRoot.description).toContain(mirror.origin);
    expect(signingConfig).toBe(undefined);
    const service = {
      url: "https://f",
      majorApiVersion: 1,
      validFor: { start: "2020-01-01T00:00:00Z" },
      operator: "o",
    };
    const config = { mediaType: "application/vnd.dev.sigstore.signingconfig.v0.2+json", caUrls: [service] };
    mirror.publish({ version: 2, targets: { ...targets, "signing_config.v0.2.json": JSON.stringify(config) } });
    expect((await refresh()).signingConfig?.authorities.map(({ url }) => url)).toEqual(["https://f"]);
    expect(Object.keys(await kept()).toSorted()).toEqual([
      "root.json",
      "snapshot.json",
      "target.signing_config.v0.2.json",
      "target.trusted_root.json",
      "targets.json",
      "timestamp.json",
    ]);
    expect((await readdir(cacheFolder)).length).toBe(1);
  });

  test("and verifies what the authorities it names signed", async () => {
    await using at = await Authorities.start();
    mirror.publish({ version: 2, targets: { "trusted_root.json": Buffer.from(at.sigstore.trustedRoot).toString() } });
    const { trustRoot } = await refresh();
    expect(trustRoot.operators.logs).toHaveLength(2);
  });

  test("never when everything must stay offline, and nothing is asked", async () => {
    await using offline = createHttpClient({ offline: true });
    expect((await refusalOf(refresh({ client: offline }))).code).toBe("OFFLINE");
    expect(mirror.requests).toEqual([]);
  });

  test("in a bounded number of requests", async () => {
    await refresh();
    expect(mirror.requests).toHaveLength(5);
  });

  test("by a new root that enough keys of the old one signed", async () => {
    await refresh();
    mirror.rotateRoot(2);
    mirror.publish({ version: 2, targets });
    await refresh();
    expect(JSON.parse((await kept())["root.json"] ?? "").signed.version).toBe(2);
  });

  test("not from a mirror that nobody gave a root for", async () => {
    const error = await refusalOf(refreshTrustRoot({ client, cacheFolder, mirrorUrl: mirror.origin }));
    expect(error.code).toBe("TRUST_REFRESH_FAILED");
    expect(error.hint).toContain("root.json");
    expect(mirror.requests).toEqual([]);
  });
});

describe("GitHub's own instance is refreshed too, when it is asked for (SIGN-5)", () => {
  test("from GitHub's mirror and from no other", async () => {
    await using tunnel = await startTunnel(new URL(mirror.origin).host);
    await using proxied = createHttpClient({ retry: { tries: 1 }, proxy: { https: tunnel.url } });
    const error = await refusalOf(refreshTrustRoot({ client: proxied, cacheFolder, instance: "github" }));
    expect(error.message).toContain("tuf-repo.github.com");
    expect(new Set(tunnel.asked)).toEqual(new Set(["tuf-repo.github.com:443"]));
    await using offline = createHttpClient({ offline: true });
    expect((await refusalOf(refreshTrustRoot({ client: offline, cacheFolder, instance: "github" }))).code).toBe(
      "OFFLINE",
    );
  });

  test("by the embedded root metadata, whose next is asked for first; another's keys vouch for nothing", async () => {
    const error = await refusalOf(
      refreshTrustRoot({ client, cacheFolder, instance: "github", mirrorUrl: mirror.origin }),
    );
    expect(error.code).toBe("TRUST_REFRESH_FAILED");
    expect(mirror.requests).toEqual(["/10.root.json", "/timestamp.json"]);
  });

  test("of a copy of it elsewhere, by that one's root", async () => {
    expect((await refresh({ instance: "github" })).trustRoot.description).toContain(mirror.origin);
  });
});

/** What was kept, for which nothing may be asked. */
async function fromKept(options: Partial<RefreshTrustRootOptions> = {}): Promise<RefreshedTrust> {
  const before = mirror.requests.length;
  try {
    return await refresh({ keptOnly: true, ...options });
  } finally {
    expect(mirror.requests).toHaveLength(before);
  }
}

describe("what is kept of a mirror counts without asking (SIGN-5)", () => {
  const day = new Date("2090-01-01T00:00:00Z");
  const week = new Date("2090-01-07T00:00:00Z");
  test("until what the mirror signed expires, by the clock that is given, and not a moment longer", async () => {
    mirror.publish({ version: 2, expires: "2090-01-07T00:00:00Z", targets });
    await refresh({ now: day });
    expect((await fromKept({ now: day })).trustRoot.description).toContain(mirror.origin);
    const last = new Date(week.getTime() - 1);
    expect((await fromKept({ now: last })).trustRoot.description).toContain(mirror.origin);
    const error = await refusalOf(fromKept({ now: week }));
    expect([error.code, error.message]).toEqual([
      "TRUST_REFRESH_FAILED",
      expect.stringMatching(/expired at "2090-01-07/),
    ]);
    expect(error.hint).toContain("--trusted-root");
    // What has expired by that clock is no more believed where it is fetched.
    expect((await refusalOf(refresh({ now: week }))).code).toBe("TRUST_REFRESH_FAILED");
    // And the root itself ends.
    expect((await refusalOf(fromKept({ now: new Date("2100-01-02T00:00:00Z") }))).message).toContain("root expired");
  });

  test("also through a client that may ask nothing", async () => {
    await refresh();
    await using offline = createHttpClient({ offline: true });
    expect((await fromKept({ client: offline })).trustRoot.description).toContain(mirror.origin);
  });

  test("and where nothing was kept, that is said", async () => {
    const error = await refusalOf(fromKept());
    expect([error.code, error.message]).toEqual(["TRUST_REFRESH_FAILED", expect.stringContaining("nothing is kept")]);
  });

  test.each(["target.trusted_root.json", "targets.json", "snapshot.json", "timestamp.json", "root.json"])(
    "but not with another %s than was signed",
    async (name) => {
      await refresh();
      const [folder = ""] = await readdir(cacheFolder);
      const path = join(cacheFolder, folder, name);
      const text = await readFile(path, "utf8");
      await writeFile(
        path,
        text.replace(/"(?:tlogs|version)":\s*(?:\[\]|1)/, (found) => found.replace(/\[\]|1$/, "[1]")),
      );
      expect(await readFile(path, "utf8")).not.toBe(text);
      expect((await refusalOf(fromKept())).code).toBe("TRUST_REFRESH_FAILED");
    },
  );
});

describe("a mirror is refused, and what was known stays, when (SIGN-5)", () => {
  const attacks: readonly (readonly [string, () => void])[] = [
    ["it goes back to what it gave out before (rollback)", () => mirror.publish({ version: 1, targets })],
    [
      "what it gives out has expired (freeze)",
      () => mirror.publish({ version: 3, expires: "2020-01-01T00:00:00Z", targets }),
    ],
    ["its keys are not those of the root", () => mirror.publish({ version: 3, targets, foreign: true })],
    [
      "too few keys signed a new root (threshold)",
      () => {
        mirror.rotateRoot(1);
        mirror.publish({ version: 3, targets });
      },
    ],
    [
      "a target is not what was signed for",
      () => mirror.publish({ version: 3, targets: { "trusted_root.json": `${trustedRoot} ` }, corrupt: true }),
    ],
    ["it has no trust root", () => mirror.publish({ version: 3, targets: { "../trusted_root.json": trustedRoot } })],
    ["its trust root is none", () => mirror.publish({ version: 3, targets: { "trusted_root.json": "{}" } })],
    ["its timestamp never ends", () => (mirror.endless = "timestamp.json")],
    ["its roots never end", () => (mirror.endless = "root.json")],
    [
      "its target never ends",
      () => {
        mirror.publish({ version: 3, targets: { "trusted_root.json": `${trustedRoot} ` } });
        mirror.endless = "/targets/";
      },
    ],
    [
      "its target is larger than any trust root",
      () => mirror.publish({ version: 3, targets: { "trusted_root.json": trustedRoot.padEnd(2_000_000) } }),
    ],
  ];

  test.each(attacks)("%s", async (_what, attack) => {
    mirror.publish({ version: 2, targets });
    await refresh();
    const before = await kept();
    attack();
    const error = await refusalOf(refresh());
    expect(["TRUST_REFRESH_FAILED", "TRUSTED_ROOT_INVALID"]).toContain(error.code);
    expect(error.message).toContain("127.0.0.1");
    expect(await kept()).toEqual(before);
    expect((await readdir(cacheFolder)).length).toBe(1);
  });

  test("it names targets by paths that lead out of its folder, of which none is fetched (CVE-2026-24137)", async () => {
    const names = ["../../escaped.json", "..%2f..%2fescaped.json", "/escaped.json", "a/../../../escaped.json"];
    mirror.publish({ version: 2, targets: { ...targets, ...Object.fromEntries(names.map((name) => [name, "{}"])) } });
    await refresh();
    expect(mirror.requests.filter((path) => path.includes("escaped"))).toEqual([]);
    expect((await readdir(join(cacheFolder, ".."))).filter((name) => name.includes("escaped"))).toEqual([]);
    expect(Object.keys(await kept()).toSorted()).toEqual([
      "root.json",
      "snapshot.json",
      "target.trusted_root.json",
      "targets.json",
      "timestamp.json",
    ]);
  });

  test("it cannot be reached, which is said as such", async () => {
    await mirror[Symbol.asyncDispose]();
    expect((await refusalOf(refresh())).code).toBe("CONNECTION_REFUSED");
    mirror = await startTufMirror(trustedRoot);
  });
});
