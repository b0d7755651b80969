import { copyFile, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Connection, exportDatabase, importDatabase, pullDatabase, pushDatabase, updateDatabase } from "@sc/pipeline";
import { buildDatabase, databaseStatus, openDatabase } from "@sc/scan";
import { type Fault, startRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { publish, quickConnection, record, serveFolder } from "./database-mirror.ts";
import { openFolder, writeRecords } from "./matching-database.ts";
import {
  builtAt,
  contentsOf,
  day,
  debianPackage,
  idsIn,
  later,
  namesIn,
  options,
  publisher,
  stranger,
} from "./published-database.ts";

describe("updating from mirrors (SCAN-2)", () => {
  test("a signed database is fetched, and asked for again only by its etag", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using server = await serveFolder(mirror);
    const output = join(folder.path, "db");
    const first = await updateDatabase({ ...options(output), mirrors: [`${server.origin}/`] });
    expect(first).toMatchObject({ state: "updated", fetched: ["Debian", "PyPI", "npm"], kept: [], failures: [] });
    expect(first.signer).toMatchObject({ kind: "key" });
    expect(await idsIn(output)).toEqual(["X-1-N"]);
    server.requests.length = 0;
    const second = await updateDatabase({ ...options(output), mirrors: [server.origin] });
    expect(second).toMatchObject({ state: "current", fetched: [] });
    expect(server.requests.map(({ target, status }) => [target, status])).toEqual([["/index.json", 304]]);
  });

  test("only files that changed are fetched again", async () => {
    await using folder = await openFolder();
    const { folder: mirror, database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using server = await serveFolder(mirror);
    const output = join(folder.path, "db");
    await updateDatabase({ ...options(output), mirrors: [server.origin] });
    const records = [record("X-1-D", "Debian:12"), record("X-1-P", "PyPI"), record("X-2-N")];
    await buildDatabase([await writeRecords(join(folder.path, "next"), records)], { output: database, now: later(1) });
    await exportDatabase(database, mirror, { signer: publisher.signer });
    const next = await updateDatabase({ ...options(output), mirrors: [server.origin] });
    expect(next).toMatchObject({ state: "updated", fetched: ["npm"], kept: ["Debian", "PyPI"] });
    expect(await idsIn(output)).toEqual(["X-2-N"]);
  });

  test("a database of an earlier layout is replaced", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using server = await serveFolder(mirror);
    const output = join(folder.path, "db");
    await updateDatabase({ ...options(output), mirrors: [server.origin] });
    const index = join(output, "index.json");
    await writeFile(index, (await readFile(index, "utf8")).replace(/"schema":\d+/, '"schema":1'));
    await expect(openDatabase(output)).rejects.toMatchObject({ code: "DATABASE_OUTGROWN" });
    expect(await updateDatabase({ ...options(output), mirrors: [server.origin] })).toMatchObject({ state: "updated" });
    expect(await idsIn(output)).toEqual(["X-1-N"]);
  });

  test("a mirror that fails is passed over with a warning, and one that is busy is asked again when it says", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using dead = await serveFolder(mirror, [{ path: /./, effect: { type: "status", status: 404 } }]);
    const busy: Fault = {
      path: /index/,
      times: 1,
      effect: { type: "status", status: 429, headers: { "retry-after": "7" } },
    };
    await using server = await serveFolder(mirror, [busy]);
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      random: () => 0,
      sleep: async (milliseconds: number) => void waits.push(milliseconds),
    };
    await using connection = new Connection({ registry: { http: { clock } } });
    const output = join(folder.path, "db");
    const notices: string[] = [];
    const fetched = await updateDatabase({
      ...options(output),
      connection,
      mirrors: [dead.origin, server.origin],
      onProgress: (event) => event.type === "notice" && event.level === "warning" && notices.push(event.code),
    });
    expect(fetched.state).toBe("updated");
    expect(fetched.failures).toMatchObject([{ code: "DATABASE_UNREACHABLE" }]);
    expect(notices).toEqual(["MIRROR_FAILED"]);
    expect(waits).toEqual([7000]);
  });

  test("when no mirror answers, a young database is gone on with and told as stale, an old one is an error", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using server = await serveFolder(mirror);
    await using dead = await serveFolder(mirror, [{ path: /./, effect: { type: "reset" } }]);
    await using connection = quickConnection();
    const output = join(folder.path, "db");
    const missing = updateDatabase({ ...options(output), connection, mirrors: [dead.origin] });
    await expect(missing).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    await updateDatabase({ ...options(output), mirrors: [server.origin] });
    const again = { ...options(output), connection, mirrors: [dead.origin] };
    expect(await updateDatabase(again)).toMatchObject({ state: "stale", failures: [{ code: "CONNECTION_LOST" }] });
    await expect(updateDatabase({ ...again, now: later(6) })).rejects.toMatchObject({ code: "DATABASE_EXPIRED" });
    const strict = updateDatabase({ ...again, maxAgeMilliseconds: day / 2 });
    await expect(strict).rejects.toMatchObject({ code: "DATABASE_EXPIRED" });
    expect(await idsIn(output)).toEqual(["X-1-N"]);
  });

  test("unsigned, signed by another, or changed behind its signature: refused, and never taken for a failed mirror", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const output = join(folder.path, "db");
    await using good = await serveFolder(mirror);
    await updateDatabase({ ...options(output), mirrors: [good.origin] });
    const before = await contentsOf(output);
    const text = await readFile(join(mirror, "index.json"), "utf8");
    const later1 = { ...options(output), mirrors: [good.origin] };
    const signature = join(mirror, "index.json.sigstore.json");
    const signed = await readFile(signature);
    await writeFile(join(mirror, "index.json"), text.replace("2026-11-20", "2026-11-21"));
    await expect(updateDatabase(later1)).rejects.toMatchObject({ code: "SUBJECT_MISMATCH" });
    await writeFile(join(mirror, "index.json"), text);
    const byStranger = { ...later1, policy: { keys: [stranger.publicKey] } };
    await expect(updateDatabase(byStranger)).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    await rm(signature);
    const elsewhere = { ...later1, output: join(folder.path, "other") };
    await expect(updateDatabase(elsewhere)).rejects.toMatchObject({ code: "DATABASE_UNSIGNED" });
    await writeFile(signature, signed.subarray(0, 40));
    await expect(updateDatabase(elsewhere)).rejects.toMatchObject({ code: "BUNDLE_INVALID" });
    expect(await contentsOf(output)).toEqual(before);
    await writeFile(signature, signed);
    await expect(updateDatabase({ ...later1, policy: { keys: [] } })).rejects.toMatchObject({ code: "POLICY_INVALID" });
  });

  test("an older database is still signed, and is not taken in place of a newer one", async () => {
    await using folder = await openFolder();
    const old = await publish(join(folder.path, "old"), publisher, { ids: ["X-1"], now: builtAt });
    const young = await publish(join(folder.path, "new"), publisher, { ids: ["X-2"], now: later(1) });
    const output = join(folder.path, "db");
    await importDatabase(young.folder, options(output));
    await expect(importDatabase(old.folder, options(output))).rejects.toMatchObject({ code: "DATABASE_OLDER" });
    await using server = await serveFolder(old.folder);
    const lagging = await updateDatabase({ ...options(output), mirrors: [server.origin] });
    expect(lagging).toMatchObject({ state: "stale", failures: [{ code: "DATABASE_OLDER" }] });
    expect(await idsIn(output)).toEqual(["X-2-N"]);
  });

  const faults: readonly (readonly [name: string, effect: Fault["effect"], code: string])[] = [
    ["cut short", { type: "truncate", toBytes: 200 }, "DATABASE_CORRUPT"],
    ["dropped", { type: "drop", afterBytes: 200 }, "CONNECTION_LOST"],
    ["changed in one bit", { type: "corrupt", atByte: 400 }, "DATABASE_CORRUPT"],
    ["longer", { type: "append", bytes: new Uint8Array(64) }, "DATABASE_CORRUPT"],
    ["absent", { type: "status", status: 404 }, "DATABASE_UNREACHABLE"],
    ["a page of HTML", { type: "status", status: 200, body: "<html>busy</html>" }, "DATABASE_CORRUPT"],
  ];
  test.each(faults)(
    "a file that is %s is refused, and the database before stays as it was",
    async (_, effect, code) => {
      await using folder = await openFolder();
      const old = await publish(join(folder.path, "old"), publisher, { ids: ["X-1"], now: builtAt });
      const output = join(folder.path, "db");
      await importDatabase(old.folder, options(output));
      const before = await contentsOf(output);
      const young = await publish(join(folder.path, "new"), publisher, { ids: ["X-2"], now: later(1) });
      await using server = await serveFolder(young.folder, [{ path: /npm-/, effect }]);
      await using connection = quickConnection();
      const update = await updateDatabase({ ...options(output), connection, mirrors: [server.origin] });
      expect(update).toMatchObject({ state: "stale", failures: [{ code }] });
      expect(await contentsOf(output)).toEqual(before);
      await using whole = await serveFolder(young.folder);
      await updateDatabase({ ...options(output), connection, mirrors: [server.origin, whole.origin] });
      expect(await idsIn(output)).toEqual(["X-2-N"]);
    },
  );

  test("a file that inflates to more than the signed index says is cut off there", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const { zstdCompressSync } = await import("node:zlib");
    const npm = (await readdir(mirror)).find((name) => name.startsWith("npm-")) ?? "";
    await writeFile(join(mirror, npm), zstdCompressSync(Buffer.alloc(48 * 1024 * 1024)));
    const output = join(folder.path, "db");
    await expect(importDatabase(mirror, options(output))).rejects.toMatchObject({
      code: "DATABASE_CORRUPT",
      message: expect.stringContaining("more than the"),
    });
    expect(await namesIn(output)).toEqual([]);
  });

  test("only https is asked, but for this machine itself", async () => {
    await using folder = await openFolder();
    for (const mirror of [
      "http://mirror.example/db",
      "ftp://mirror.example/",
      "mirror.example",
      "https://m.example/?a=b",
    ]) {
      const update = updateDatabase({ ...options(join(folder.path, "db")), mirrors: [mirror] });
      await expect(update, mirror).rejects.toMatchObject({ code: "URL_INVALID" });
    }
  });

  test("offline nothing is asked, and that is no failed mirror", async () => {
    await using folder = await openFolder();
    await using connection = new Connection({ offline: true });
    const update = updateDatabase({
      ...options(join(folder.path, "db")),
      connection,
      mirrors: ["https://mirror.example/"],
    });
    await expect(update).rejects.toMatchObject({ code: "OFFLINE" });
  });
});

describe("some ecosystems of a database (SCAN-2)", () => {
  test("only files that are asked for are fetched; what lacks is told and never taken for nothing found", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using server = await serveFolder(mirror);
    const output = join(folder.path, "db");
    const update = { ...options(output), mirrors: [server.origin] };
    expect(await updateDatabase({ ...update, ecosystems: ["npm"] })).toMatchObject({ fetched: ["npm"], kept: [] });
    expect(server.requests.filter(({ target }) => target.endsWith(".zst"))).toHaveLength(1);
    expect(await idsIn(output)).toEqual(["X-1-N"]);
    await expect(idsIn(output, debianPackage)).rejects.toMatchObject({ code: "DATABASE_PARTIAL" });
    // What was chosen stays chosen until something else is.
    expect(await updateDatabase(update)).toMatchObject({ state: "current", fetched: [], kept: ["npm"] });
    expect(await updateDatabase({ ...update, ecosystems: ["all"] })).toMatchObject({ fetched: ["Debian", "PyPI"] });
    expect(await idsIn(output, debianPackage)).toEqual(["X-1-D"]);
    const unknown = updateDatabase({ ...update, ecosystems: ["nmp"] });
    await expect(unknown).rejects.toMatchObject({ code: "ECOSYSTEM_UNKNOWN", hint: "Did you mean npm?" });
  });

  test("a database that was fetched in part is not given on", async () => {
    await using folder = await openFolder();
    const { folder: mirror } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const output = join(folder.path, "db");
    await importDatabase(mirror, options(output, { ecosystems: ["npm"] }));
    const given = exportDatabase(output, join(folder.path, "x.tar"));
    await expect(given).rejects.toMatchObject({ code: "DATABASE_PARTIAL" });
  });
});

describe("a database in one file (SCAN-2)", () => {
  test("is what was exported, keeps its signature, and is the same bytes each time", async () => {
    await using folder = await openFolder();
    const { database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const [one, two] = [join(folder.path, "1.tar"), join(folder.path, "2.tar")];
    await exportDatabase(database, one);
    const output = join(folder.path, "db");
    expect(await importDatabase(one, options(output))).toMatchObject({ state: "updated", from: one });
    await exportDatabase(output, two);
    expect(await readFile(two)).toEqual(await readFile(one));
    expect(await databaseStatus(output)).toEqual(await databaseStatus(database));
    const refused = importDatabase(
      one,
      options(join(folder.path, "other"), { policy: { keys: [stranger.publicKey] } }),
    );
    await expect(refused).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
  });

  test("that is cut, foreign, or not there is refused", async () => {
    await using folder = await openFolder();
    const { database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const file = join(folder.path, "db.tar");
    await exportDatabase(database, file);
    const { length } = await readFile(file);
    const output = join(folder.path, "db");
    const cut = join(folder.path, "cut.tar");
    for (const bytes of [length - 4096, 3000, 100, 0]) {
      await copyFile(file, cut);
      await truncate(cut, bytes);
      await expect(importDatabase(cut, options(output)), String(bytes)).rejects.toMatchObject({
        code: expect.stringMatching(/^DATABASE_(?:FOREIGN|UNREACHABLE)$/),
      });
    }
    await writeFile(cut, "<html>not found</html>".repeat(100));
    await expect(importDatabase(cut, options(output))).rejects.toMatchObject({ code: "DATABASE_FOREIGN" });
    const absent = importDatabase(join(folder.path, "absent"), options(output));
    await expect(absent).rejects.toMatchObject({ code: "DATABASE_UNREACHABLE" });
  });

  test("is not written of a database that nobody signed", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    await buildDatabase([await writeRecords(folder.path, [record("X-1")])], { output, now: builtAt });
    const file = join(folder.path, "db.tar");
    await expect(exportDatabase(output, file)).rejects.toMatchObject({ code: "DATABASE_UNSIGNED" });
    await exportDatabase(output, file, { signer: publisher.signer });
    await buildDatabase([await writeRecords(folder.path, [record("X-2")])], { output, now: builtAt });
    await expect(exportDatabase(output, file)).rejects.toMatchObject({ code: "DATABASE_UNSIGNED" });
  });
});

describe("a database as an artifact of a registry (SCAN-2)", () => {
  test("is pushed with a layer for each ecosystem, and only those that are wanted are pulled", async () => {
    await using folder = await openFolder();
    await using registry = await startRegistry();
    const { database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using connection = new Connection({ registry: { plainHttp: [registry.host] } });
    const reference = `${registry.host}/acme/advisories:1`;
    const pushed = await pushDatabase(database, reference, { connection });
    expect(pushed).toMatchObject({ files: 5, digest: expect.stringMatching(/^sha256:/) });
    const output = join(folder.path, "db");
    registry.requests.length = 0;
    const pulled = await pullDatabase(reference, { ...options(output), connection, ecosystems: ["npm"] });
    expect(pulled).toMatchObject({ state: "updated", fetched: ["npm"] });
    // The index, its signature, one file.
    expect(registry.requests.filter(({ target }) => target.includes("/blobs/"))).toHaveLength(3);
    expect(await idsIn(output)).toEqual(["X-1-N"]);
    const refused = pullDatabase(reference, { ...options(output), connection, policy: { keys: [stranger.publicKey] } });
    await expect(refused).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
    const whole = await pullDatabase(reference, { ...options(output), connection, ecosystems: ["all"] });
    expect(whole).toMatchObject({ fetched: ["Debian", "PyPI"], kept: ["npm"] });
    registry.requests.length = 0;
    await pushDatabase(output, `${registry.host}/acme/advisories:2`, { connection });
    // Nothing is sent that is there.
    expect(registry.requests.filter(({ method }) => method === "PATCH")).toEqual([]);
  });

  test("goes through a layout on disk as well, and an image is no database", async () => {
    await using folder = await openFolder();
    const { database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const reference = `oci-layout:${join(folder.path, "layout")}:db`;
    await pushDatabase(database, reference);
    const output = join(folder.path, "db");
    expect(await pullDatabase(reference, options(output))).toMatchObject({ state: "updated" });
    const absent = pullDatabase(`oci-layout:${join(folder.path, "layout")}:other`, options(output));
    await expect(absent).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
  });
});
