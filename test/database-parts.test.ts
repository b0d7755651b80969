import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  Connection,
  exportDatabase,
  importDatabase,
  openDatabase,
  pullDatabase,
  pushDatabase,
  readPackages,
  scan,
  secure,
  updateDatabase,
} from "@sc/pipeline";
import { buildDatabase, ecosystemsOf } from "@sc/scan";
import { buildImage, buildLayer, startRegistry, writeLayout } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { publish, record, serveFolder } from "./database-mirror.ts";
import { distribution, installed, inventoryOf, openFolder, writeRecords } from "./matching-database.ts";
import { builtAt, contentsOf, later, options, publisher } from "./published-database.ts";
import { documentOf, runCli } from "./run-cli.ts";

/** An image of Debian with a package of npm, each of which the test's advisories are about. */
const image = buildImage({
  layers: [
    buildLayer([
      { path: "etc/os-release", content: 'ID=debian\nVERSION_ID="12"\n' },
      {
        path: "var/lib/dpkg/status",
        content: "Package: left\nStatus: install ok installed\nVersion: 1.0.0\nArchitecture: amd64\nMaintainer: A\n\n",
      },
      { path: "app/node_modules/left/package.json", content: '{"name": "left", "version": "1.0.0"}' },
    ]),
  ],
});
const purls = (...lines: readonly string[]) => readPackages(Buffer.from(lines.join("\n")), "purls");
const lefts = ["pkg:deb/debian/left@1.0.0?distro=debian-12", "pkg:npm/left@1.0.0"];
const [debianPackage, npmPackage, both] = [purls(...lefts.slice(0, 1)), purls(...lefts.slice(1)), purls(...lefts)];
const scanning = { version: "1", now: later(1) };

const partsOf = (requests: readonly { readonly target: string }[]): readonly string[] =>
  requests.flatMap(({ target }) => /\/([a-z]+)-[0-9a-f]{16}\.sqlite\.zst$/.exec(target)?.[1] ?? []).toSorted();

/** A mirror's database of which one ecosystem was fetched. */
async function partOfMirror(folder: string, ecosystems: readonly string[]) {
  const { folder: mirror, database } = await publish(folder, publisher, { ids: ["X-1"], now: builtAt });
  const server = await serveFolder(mirror);
  const output = join(folder, "db");
  await updateDatabase({ ...options(output), mirrors: [server.origin], ecosystems });
  server.requests.length = 0;
  return { server, output, mirror, database };
}

describe("parts of a database that a scan needs (SCAN-2)", () => {
  test("sc image scan pulls the two parts that an image of Debian and npm needs from the registry, once, and no other", async () => {
    await using folder = await openFolder();
    await using registry = await startRegistry();
    const { database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    await using connection = new Connection({ registry: { plainHttp: [registry.host] } });
    const reference = `${registry.host}/acme/advisories:1`;
    await pushDatabase(database, reference, { connection });
    const output = join(folder.path, "db");
    await pullDatabase(reference, { ...options(output), connection, ecosystems: ["PyPI"] });
    // Another database goes by the tag now: the parts must be of the one that is here.
    const records = [record("X-9-D", "Debian:12"), record("X-9-N"), record("X-9-P", "PyPI")];
    await buildDatabase([await writeRecords(join(folder.path, "next"), records)], { output: database, now: later(1) });
    await pushDatabase(database, reference, { connection, signer: publisher.signer });
    await writeLayout(join(folder.path, "image"), image, "1");
    const run = async (): Promise<{ readonly ids: unknown; readonly requests: readonly string[] }> => {
      registry.requests.length = 0;
      const words = ["image", "scan", "-i", `oci-layout:${join(folder.path, "image")}:1`, "--db", output, "--json"];
      const ran = await runCli([...words, "--plain-http", registry.host], { now: later(1) });
      expect(ran.exitCode, ran.stderr).toBe(0);
      const { findings } = documentOf(ran);
      const ids = Array.isArray(findings) ? findings.map(({ id }) => id) : findings;
      return { ids, requests: registry.requests.map(({ method, target }) => `${method} ${target.split("/")[4]}`) };
    };
    const fetched = { ids: ["X-1-D", "X-1-N"], requests: ["GET manifests", "GET blobs", "GET blobs"] };
    expect(await run()).toEqual(fetched);
    expect(await run()).toEqual({ ...fetched, requests: [] });
  });

  test("come from the mirror that the database came from, once for several scans at a time", async () => {
    await using folder = await openFolder();
    const { server, output } = await partOfMirror(folder.path, ["PyPI"]);
    await using _ = server;
    await using connection = new Connection();
    const scans = Array.from({ length: 6 }, async () => {
      await using database = await openDatabase(output, { connection });
      return (await scan(both, database, scanning)).findings.map(({ id }) => id);
    });
    expect(await Promise.all(scans)).toEqual(Array.from({ length: 6 }, () => ["X-1-D", "X-1-N"]));
    // With the lock or the look at what is here taken out, each scan fetches its own.
    expect(partsOf(server.requests)).toEqual(["debian", "npm"]);
    expect(server.requests).toHaveLength(2);
  });

  test("stay: the next update fetches what was needed too", async () => {
    await using folder = await openFolder();
    const { server, output } = await partOfMirror(folder.path, ["PyPI"]);
    await using _ = server;
    await using connection = new Connection();
    await using database = await openDatabase(output, { connection });
    expect(await database.complete(ecosystemsOf(npmPackage))).toEqual(["npm"]);
    expect(await database.complete(["npm", "PyPI", "Ruby of the moon"])).toEqual([]);
    const updated = await updateDatabase({ ...options(output), mirrors: [server.origin] });
    expect(updated).toMatchObject({ state: "current", kept: ["PyPI", "npm"] });
  });

  test("come from an exported file and from a folder, even offline", async () => {
    await using folder = await openFolder();
    const { database: published, folder: files } = await publish(folder.path, publisher, {
      ids: ["X-1"],
      now: builtAt,
    });
    const tar = join(folder.path, "db.tar");
    await exportDatabase(published, tar);
    await using connection = new Connection({ offline: true });
    for (const from of [tar, files]) {
      const output = join(folder.path, `of-${from.length}`);
      await importDatabase(from, options(output, { ecosystems: ["npm"] }));
      await using database = await openDatabase(output, { connection });
      expect((await scan(debianPackage, database, scanning)).findings).toHaveLength(1);
    }
  });

  test.each([["--offline"], ["--skip-db-update"]])(
    "are not fetched with %s: the scan ends in 2 with the command that fetches them",
    async (flag) => {
      await using folder = await openFolder();
      const { server, output } = await partOfMirror(folder.path, ["PyPI"]);
      await using _ = server;
      await writeLayout(join(folder.path, "image"), image, "1");
      const ran = await runCli(
        ["image", "scan", "-i", `oci-layout:${join(folder.path, "image")}:1`, "--db", output, "--json", flag],
        { now: later(1) },
      );
      expect(ran.exitCode).toBe(2);
      const command = `sc db update --mirror ${server.origin}/ --key PUBLIC-KEY --ecosystem Debian --ecosystem PyPI --ecosystem npm`;
      expect(documentOf(ran)["error"]).toMatchObject({
        code: "DATABASE_PARTIAL",
        message: expect.stringContaining('without the advisories of "Debian", "npm"'),
        hint: `Fetch them with: ${command}`,
      });
      expect(server.requests).toEqual([]);
    },
  );

  test("that are not what the signed index names are refused, and nothing changes", async () => {
    await using folder = await openFolder();
    const { server, output, mirror } = await partOfMirror(folder.path, ["PyPI"]);
    await using _ = server;
    const before = await contentsOf(output);
    const names = (await readdir(mirror)).filter((name) => name.startsWith("npm-") || name.startsWith("pypi-"));
    const [npm = "", pypi = ""] = names.toSorted();
    const sound = await readFile(join(mirror, npm));
    await using connection = new Connection();
    await using database = await openDatabase(output, { connection });
    for (const bytes of [await readFile(join(mirror, pypi)), sound.subarray(0, 80), Buffer.from("<html>no</html>")]) {
      await writeFile(join(mirror, npm), bytes);
      await expect(scan(npmPackage, database, scanning)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
      expect(await contentsOf(output)).toEqual(before);
    }
    await writeFile(join(mirror, npm), sound);
    expect((await scan(npmPackage, database, scanning)).findings).toHaveLength(1);
  });

  test("that the place has no more, and a place that does not answer, are told with the command", async () => {
    await using folder = await openFolder();
    const { server, output, database: published, mirror } = await partOfMirror(folder.path, ["PyPI"]);
    const clock = { now: () => 0, sleep: () => Promise.resolve(), random: () => 0 };
    await using connection = new Connection({ registry: { http: { clock } } });
    await using database = await openDatabase(output, { connection });
    const { length } = await readdir(mirror);
    await buildDatabase([await writeRecords(join(folder.path, "next"), [record("X-2"), record("X-2-P", "PyPI")])], {
      output: published,
      now: later(1),
    });
    await exportDatabase(published, mirror, { signer: publisher.signer });
    // Files of the database before are left for those who fetch them still.
    expect((await readdir(mirror)).length).toBeGreaterThan(length);
    expect((await scan(npmPackage, database, scanning)).findings.map(({ id }) => id)).toEqual(["X-1-N"]);
    await server[Symbol.asyncDispose]();
    await expect(scan(debianPackage, database, scanning)).rejects.toMatchObject({
      code: "DATABASE_PARTIAL",
      message: expect.stringContaining("cannot be fetched now"),
      retryable: true,
      hint: expect.stringContaining("--ecosystem Debian --ecosystem PyPI --ecosystem npm"),
    });
  });

  test("serve whoever reads the database before, when it was replaced meanwhile", async () => {
    await using folder = await openFolder();
    const { server, output, database: published, mirror } = await partOfMirror(folder.path, ["PyPI"]);
    await using _ = server;
    await using connection = new Connection();
    await using before = await openDatabase(output, { connection });
    const records = [record("X-2-D", "Debian:12"), record("X-2-N"), record("X-2-P", "PyPI")];
    await buildDatabase([await writeRecords(join(folder.path, "next"), records)], { output: published, now: later(1) });
    await exportDatabase(published, mirror, { signer: publisher.signer });
    await updateDatabase({ ...options(output, { now: later(2) }), mirrors: [server.origin] });
    expect((await scan(npmPackage, before, scanning)).findings.map(({ id }) => id)).toEqual(["X-1-N"]);
    await using after = await openDatabase(output, { connection });
    expect((await scan(npmPackage, after, scanning)).findings.map(({ id }) => id)).toEqual(["X-2-N"]);
  });

  test("are waited for by whoever needs them alone: readers of what is here never ask for the lock", async () => {
    await using folder = await openFolder();
    const { server, output } = await partOfMirror(folder.path, ["npm"]);
    await using _ = server;
    using lock = new DatabaseSync(join(output, "build.lock"));
    lock.exec("BEGIN EXCLUSIVE");
    await using connection = new Connection();
    await using database = await openDatabase(output, { connection });
    expect((await scan(npmPackage, database, scanning)).findings).toHaveLength(1);
    const waiting = database.complete(["Debian"], { waitMilliseconds: 0 });
    await expect(waiting).rejects.toMatchObject({ code: "DATABASE_PARTIAL", cause: { code: "DATABASE_BUSY" } });
    expect(server.requests).toEqual([]);
  });

  test("are not fetched by an index other than the one whose signature was verified, nor by one without", async () => {
    await using folder = await openFolder();
    const { server, output } = await partOfMirror(folder.path, ["PyPI"]);
    await using _ = server;
    const origin = (await readdir(output)).find((name) => name.startsWith("origin-")) ?? "";
    const text = await readFile(join(output, origin), "utf8");
    await using connection = new Connection();
    const { signature: _signature, ...unsigned } = JSON.parse(text);
    await writeFile(join(output, origin), JSON.stringify(unsigned));
    await using database = await openDatabase(output, { connection });
    await expect(scan(npmPackage, database, scanning)).rejects.toMatchObject({ code: "DATABASE_PARTIAL" });
    // What speaks of another index says nothing of this one: neither what was chosen nor where it came from.
    await writeFile(join(output, origin), text.replace(/"index":"sha256:./, '"index":"sha256:_'));
    await using other = await openDatabase(output, { connection });
    await expect(scan(npmPackage, other, scanning)).rejects.toMatchObject({ code: "DATABASE_CORRUPT" });
    expect(server.requests).toEqual([]);
  });

  test("are fetched by secure where they are needed, and left where that is switched off", async () => {
    await using folder = await openFolder();
    const { server, output } = await partOfMirror(folder.path, ["PyPI"]);
    await using _ = server;
    await writeLayout(join(folder.path, "image"), image, "1");
    const plan = (fetchParts: boolean) => ({
      images: [`oci-layout:${join(folder.path, "image")}:1`],
      inventory: { workers: false as const },
      scan: { ...scanning, required: true, database: output, fetchParts },
    });
    const refused = await secure(plan(false));
    expect(refused.images).toMatchObject([{ outcome: "violation", error: { code: "DATABASE_PARTIAL" } }]);
    expect(server.requests).toEqual([]);
    const { images } = await secure(plan(true));
    expect(images[0]?.report?.findings.map(({ id }) => id)).toEqual(["X-1-D", "X-1-N"]);
    expect(partsOf(server.requests)).toEqual(["debian", "npm"]);
  });

  test("are none of a third party's packages nor of a distribution without advisories", () => {
    const thirdParty = installed({ type: "deb", name: "docker-ce", version: "1", origin: "third-party" });
    expect(ecosystemsOf(inventoryOf([thirdParty], distribution("debian", "12")))).toEqual([]);
    const known = installed({ type: "deb", namespace: "debian", name: "left", version: "1" });
    expect(ecosystemsOf(inventoryOf([known], distribution("plan9", "4")))).toEqual([]);
    const named = installed({ ...known, namespace: "ubuntu", qualifiers: { distro: "ubuntu-24.04" } });
    expect(ecosystemsOf(inventoryOf([named]))).toEqual(["Ubuntu"]);
    expect(ecosystemsOf(both)).toEqual(["Debian", "npm"]);
  });
});
