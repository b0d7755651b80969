import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { record, serveFolder } from "./database-mirror.ts";
import { openFolder, writeRecords } from "./matching-database.ts";
import { runCli } from "./run-cli.ts";

const now = new Date("2026-11-21T00:00:00Z");
const variables = { COSIGN_PASSWORD: "x" };

async function sc(folder: string, words: readonly string[], at = now) {
  const ran = await runCli([...words, "--json"], { variables: { ...variables, SC_DB: join(folder, "db") }, now: at });
  const report: { readonly [member: string]: unknown } = JSON.parse(ran.stdout);
  return { exitCode: ran.exitCode, report };
}

/** A folder with a key pair and a database of two ecosystems. */
async function prepare(folder: string): Promise<void> {
  await runCli(["key", "generate", "--output-key-prefix", join(folder, "adv")], { variables });
  await runCli(["key", "generate", "--output-key-prefix", join(folder, "other")], { variables });
  const records = await writeRecords(folder, [record("X-1"), record("X-2", "Debian:12")]);
  expect(await sc(folder, ["db", "build", "--from", records])).toMatchObject({ exitCode: 0 });
}

describe("db on the command line (SCAN-2)", () => {
  test("without a database the status ends in 2 and names the command that gets one", async () => {
    await using folder = await openFolder();
    const { exitCode, report } = await sc(folder.path, ["db", "status"]);
    expect([exitCode, report]).toMatchObject([
      2,
      {
        schema: "urn:sc:db-status:1",
        outcome: "error",
        error: { code: "DATABASE_MISSING", hint: expect.stringContaining("sc db update --mirror") },
      },
    ]);
  });

  test("signed, given on by file, folder, registry, and taken over by whoever names the key", async () => {
    await using folder = await openFolder();
    await using registry = await startRegistry();
    const at = (name: string): string => join(folder.path, name);
    await prepare(folder.path);
    const unsigned = await sc(folder.path, ["db", "export", at("x.tar")]);
    expect(unsigned).toMatchObject({ exitCode: 1, report: { error: { code: "DATABASE_UNSIGNED" } } });
    expect(await sc(folder.path, ["db", "export", at("x.tar"), "--key", at("adv.key")])).toMatchObject({ exitCode: 0 });
    const reference = `${registry.host}/acme/advisories:1`;
    const plain = ["--plain-http", registry.host];
    expect(await sc(folder.path, ["db", "push", reference, ...plain])).toMatchObject({ exitCode: 0 });
    const ways = [
      ["db", "import", at("x.tar")],
      ["db", "pull", reference, ...plain],
    ];
    for (const [index, way] of ways.entries()) {
      const db = ["--db", at(`db${index}`)];
      expect(await sc(folder.path, [...way, ...db])).toMatchObject({ exitCode: 3 });
      const other = await sc(folder.path, [...way, ...db, "--key", at("other.pub")]);
      expect(other).toMatchObject({
        exitCode: 1,
        report: { outcome: "violation", error: { code: "SIGNATURE_MISMATCH" } },
      });
      expect(await sc(folder.path, ["db", "status", ...db])).toMatchObject({ exitCode: 2 });
      const taken = await sc(folder.path, [...way, ...db, "--key", at("adv.pub"), "--ecosystem", "npm"]);
      expect(taken).toMatchObject({ exitCode: 0, report: { state: "updated", fetched: ["npm"] } });
      const status = await sc(folder.path, ["db", "status", ...db, "--key", at("adv.pub")]);
      expect(status).toMatchObject({
        exitCode: 0,
        report: { outcome: "pass", expired: false, signature: { state: "verified" }, partial: ["npm"] },
      });
      const wrong = await sc(folder.path, ["db", "status", ...db, "--key", at("other.pub")]);
      expect(wrong).toMatchObject({ exitCode: 1, report: { error: { code: "SIGNATURE_MISMATCH" } } });
    }
  });

  test("an update tells what it did, goes on with what is here while it may, and says so", async () => {
    await using folder = await openFolder();
    await using target = await openFolder();
    const at = (name: string): string => join(folder.path, name);
    await prepare(folder.path);
    const mirror = target.path;
    await sc(folder.path, ["db", "export", mirror, "--key", at("adv.key")]);
    const update = (origin: string): readonly string[] => {
      return ["db", "update", "--mirror", origin, "--key", at("adv.pub"), "--db", at("mine")];
    };
    await using server = await serveFolder(mirror);
    expect(await sc(folder.path, update(server.origin))).toMatchObject({ exitCode: 0, report: { state: "updated" } });
    expect(await sc(folder.path, update(server.origin))).toMatchObject({ exitCode: 0, report: { state: "current" } });
    await using empty = await serveFolder(at("records"));
    const stale = await sc(folder.path, update(empty.origin));
    expect(stale).toMatchObject({
      exitCode: 0,
      report: { state: "stale", failures: [{ code: "DATABASE_UNREACHABLE" }] },
    });
    const old = await sc(folder.path, update(empty.origin), new Date("2026-11-30T00:00:00Z"));
    expect(old).toMatchObject({ exitCode: 4, report: { error: { code: "DATABASE_EXPIRED", retryable: true } } });
    const patient = [...update(empty.origin), "--max-db-age", "14d"];
    expect(await sc(folder.path, patient, new Date("2026-11-30T00:00:00Z"))).toMatchObject({ exitCode: 0 });
    const offline = await sc(folder.path, [...update(server.origin), "--offline"]);
    expect(offline).toMatchObject({ exitCode: 4, report: { error: { code: "OFFLINE" } } });
  });

  test("the status tells age, counts, digest and signature, and ends in 1 where the database is too old", async () => {
    await using folder = await openFolder();
    await prepare(folder.path);
    const fresh = await sc(folder.path, ["db", "status"]);
    expect(fresh).toMatchObject({
      exitCode: 0,
      report: {
        schema: "urn:sc:db-status:1",
        outcome: "pass",
        ageSeconds: 0,
        maxAgeSeconds: 432_000,
        expired: false,
        signature: { state: "unsigned" },
        facts: { digest: expect.stringMatching(/^sha256:/), ecosystems: [{ advisories: 1 }, { advisories: 1 }] },
      },
    });
    const old = await sc(folder.path, ["db", "status"], new Date("2026-11-27T00:00:00Z"));
    expect(old).toMatchObject({ exitCode: 1, report: { outcome: "violation", expired: true, ageSeconds: 518_400 } });
    const text = await runCli(["db", "status", "--db", join(folder.path, "db"), "--max-db-age", "1d"], {
      now: new Date("2026-11-27T00:00:00Z"),
    });
    expect(text.stdout).toContain("too old (limit 1d)");
  });

  test("a scan with an old database is warned of, and refused where it may not be so old", async () => {
    await using folder = await openFolder();
    await prepare(folder.path);
    const sbom = join(folder.path, "sbom.json");
    await writeFile(sbom, JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: [] }));
    const words = ["image", "scan", "--sbom", sbom, "--db", join(folder.path, "db")];
    const old = { now: new Date("2026-11-27T00:00:00Z") };
    expect((await runCli(words)).stderr).not.toContain("advisory database is");
    const warned = await runCli(words, old);
    expect([warned.exitCode, warned.stderr]).toEqual([0, expect.stringContaining("the advisory database is 6 d old")]);
    expect(await runCli([...words, "--max-db-age", "7d"], old)).toMatchObject({ exitCode: 0 });
    const refused = await runCli([...words, "--max-db-age", "1d"], old);
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining("SC-DATABASE-EXPIRED")]);
  });

  test("what was damaged, or is something else, is told by its own code", async () => {
    await using folder = await openFolder();
    await prepare(folder.path);
    const index = join(folder.path, "db/index.json");
    await copyFile(index, join(folder.path, "kept"));
    const cases = [
      ["{", "DATABASE_CORRUPT", 4],
      ['{"name":"my-project"}', "DATABASE_FOREIGN", 3],
      ['{"kind":"sc-advisories","schema":99}', "DATABASE_NEWER", 3],
    ] as const;
    for (const [text, code, exitCode] of cases) {
      await writeFile(index, text);
      expect(await sc(folder.path, ["db", "status"])).toMatchObject({ exitCode, report: { error: { code } } });
    }
    expect((await readdir(join(folder.path, "db"))).length).toBeGreaterThan(2);
  });
});
