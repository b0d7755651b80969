import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, copyFile, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDatabase, databaseStatus, matchInventory, openDatabase } from "@sc/scan";
import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { builtAt, installed, inventoryOf, openFolder, openRecords, writeRecords } from "./matching-database.ts";

interface TestRecord {
  readonly id: string;
  readonly [member: string]: unknown;
}

function record(id: string, name = "left", modified = "2026-01-01T00:00:00Z"): TestRecord {
  const ranges = [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "2.0.0" }] }];
  return { id, modified, affected: [{ package: { ecosystem: "npm", name }, ranges }] };
}

const left = inventoryOf([installed({ type: "npm", name: "left", version: "1.0.0" })]);

async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== "build.lock").toSorted();
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name), "base64")));
  return new Map(names.map((name, index) => [name, contents[index] ?? ""]));
}

describe("building (SCAN-2)", () => {
  test("the same records give the same bytes, whatever their order", async () => {
    await using folder = await openFolder();
    const records = Array.from({ length: 40 }, (_, index) => record(`X-${index}`, `package-${index % 7}`));
    const first = await writeRecords(join(folder.path, "1"), records.slice(0, 25));
    const second = await writeRecords(join(folder.path, "2"), records.slice(25));
    const [one, two] = [join(folder.path, "one"), join(folder.path, "two")];
    const { facts } = await buildDatabase([first, second], { output: one, now: builtAt });
    await buildDatabase([second, first], { output: two, now: builtAt });
    expect(await filesOf(two)).toEqual(await filesOf(one));
    const later = await buildDatabase([first, second], { output: two, now: new Date("2027-01-01T00:00:00Z") });
    expect([later.facts.digest, later.facts.built]).toEqual([facts.digest, "2027-01-01T00:00:00Z"]);
  });

  test("of records with one id the last changed counts, and of a withdrawn one nothing stays", async () => {
    await using folder = await openFolder();
    const older = await writeRecords(join(folder.path, "1"), [record("X-1", "left"), record("X-2", "left")]);
    const newer = await writeRecords(join(folder.path, "2"), [
      record("X-1", "right", "2026-02-01T00:00:00Z"),
      { ...record("X-2", "left", "2026-02-01T00:00:00Z"), withdrawn: "2026-02-01T00:00:00Z" },
      record("X-3", "left"),
    ]);
    for (const inputs of [
      [older, newer],
      [newer, older],
    ]) {
      const output = join(folder.path, "db");
      const result = await buildDatabase(inputs, { output, now: builtAt });
      expect([result.records, result.withdrawn, result.facts.ecosystems[0]?.advisories]).toEqual([5, 1, 2]);
      await using database = await openDatabase(output);
      expect(matchInventory(left, database).findings.map(({ id }) => id)).toEqual(["X-3"]);
    }
  });

  test("what is no record is a problem of the build, and the rest is built", async () => {
    await using folder = await openFolder();
    const path = await writeRecords(folder.path, [record("X-1"), record("X-2")]);
    await writeFile(join(path, "X-3.json"), "<html>not found</html>");
    await writeFile(join(path, "X-4.json"), JSON.stringify(record("X-5")));
    await writeFile(join(path, "X-6.json"), Buffer.alloc(17 * 1024 * 1024, 0x20));
    await writeFile(join(path, "notes.txt"), "x");
    const { records, problems } = await buildDatabase([path], { output: join(folder.path, "db"), now: builtAt });
    expect(records).toBe(5);
    expect(problems.map(({ code }) => code)).toEqual([
      "ADVISORY_MALFORMED",
      "ADVISORY_ID_MISMATCH",
      "ADVISORY_TOO_LARGE",
    ]);
  });

  test("a single file may be called anything", async () => {
    await using folder = await openFolder();
    await writeFile(join(folder.path, "mine.json"), JSON.stringify(record("X-1")));
    const output = join(folder.path, "db");
    const { facts } = await buildDatabase([join(folder.path, "mine.json")], { output, now: builtAt });
    expect(facts.ecosystems).toMatchObject([{ ecosystem: "npm", advisories: 1, malicious: 0, packages: 1 }]);
  });

  test("inputs that cannot be read, or hold nothing, fail and leave the database as it was", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const good = await writeRecords(folder.path, [record("X-1")]);
    await buildDatabase([good], { output, now: builtAt });
    const before = await filesOf(output);
    const empty = join(folder.path, "empty");
    await mkdir(empty);
    await writeFile(join(folder.path, "bad.zip"), "PK not really");
    await expect(buildDatabase([join(folder.path, "absent")], { output, now: builtAt })).rejects.toMatchObject({
      code: "ADVISORIES_UNREADABLE",
    });
    await expect(buildDatabase([empty], { output, now: builtAt })).rejects.toMatchObject({ code: "ADVISORIES_NONE" });
    await expect(buildDatabase([good, join(folder.path, "bad.zip")], { output, now: builtAt })).rejects.toThrow();
    expect(await filesOf(output)).toEqual(before);
  });

  test("it can be stopped, and nothing is left behind", async () => {
    await using folder = await openFolder();
    const path = await writeRecords(folder.path, [record("X-1"), record("X-2")]);
    const output = join(folder.path, "db");
    const stopped = buildDatabase([path], { output, now: builtAt, signal: AbortSignal.abort(new Error("enough")) });
    await expect(stopped).rejects.toThrow("enough");
    expect((await readdir(output)).filter((name) => name !== "build.lock")).toEqual([]);
  });

  test("two builders of one database take turns, and readers see one whole or the other", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const one = await writeRecords(join(folder.path, "1"), [record("X-1")]);
    const two = await writeRecords(join(folder.path, "2"), [record("X-2")]);
    await Promise.all([one, two, one, two].map((path) => buildDatabase([path], { output, now: builtAt })));
    await using database = await openDatabase(output);
    expect(matchInventory(left, database).findings).toHaveLength(1);
  });

  test("a builder waits for one in another process, says so when it waits no more, and goes on when that one dies", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const path = await writeRecords(folder.path, [record("X-1")]);
    await buildDatabase([path], { output, now: builtAt });
    const script = `
      import { DatabaseSync } from "node:sqlite";
      const file = new DatabaseSync(${JSON.stringify(join(output, "build.lock"))});
      file.exec("BEGIN EXCLUSIVE");
      process.stdout.write("held");
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(holder.stdout, "data");
      const impatient = buildDatabase([path], { output, now: builtAt, waitMilliseconds: 100 });
      await expect(impatient).rejects.toMatchObject({ code: "DATABASE_BUSY", retryable: true });
      await using database = await openDatabase(output);
      expect(matchInventory(left, database).findings).toHaveLength(1);
      const patient = buildDatabase([path], { output, now: builtAt });
      holder.kill("SIGKILL");
      expect((await patient).records).toBe(1);
    } finally {
      holder.kill("SIGKILL");
    }
  });
});

describe("reading (SCAN-2)", () => {
  test("a reader keeps the database it opened while the next one is built", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    await using database = await openRecords(folder.path, [record("X-1")]);
    await buildDatabase([await writeRecords(join(folder.path, "2"), [record("X-2")])], { output, now: builtAt });
    expect(matchInventory(left, database).findings.map(({ id }) => id)).toEqual(["X-1"]);
    await using next = await openDatabase(output);
    expect(matchInventory(left, next).findings.map(({ id }) => id)).toEqual(["X-2"]);
  });

  test("files of builds before the last but one are removed, and nothing else is", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    await mkdir(output, { recursive: true });
    await writeFile(join(output, "precious.sqlite"), "mine");
    for (const id of ["X-1", "X-2", "X-3", "X-4"]) {
      await buildDatabase([await writeRecords(join(folder.path, id), [record(id)])], { output, now: builtAt });
    }
    const names = await readdir(output);
    expect(names.filter((name) => name.startsWith("npm-"))).toHaveLength(2);
    expect(names).toContain("precious.sqlite");
  });

  test("the status tells counts, ages and sizes of every ecosystem", async () => {
    await using folder = await openFolder();
    const records = [record("X-1"), record("MAL-2026-1", "bad", "2026-03-01T00:00:00Z")];
    const debian = {
      id: "D-1",
      modified: "2026-02-01T00:00:00Z",
      affected: ["Debian:12", "Debian:11"].map((ecosystem) => ({ package: { ecosystem, name: "x" }, versions: ["1"] })),
    };
    await using database = await openRecords(folder.path, [...records, debian]);
    const status = await databaseStatus(join(folder.path, "db"));
    expect(status).toEqual(database.facts);
    expect(status).toMatchObject({ schema: 3, built: "2026-11-20T04:10:00Z", newest: "2026-03-01T00:00:00Z" });
    expect(status.ecosystems).toMatchObject([
      {
        ecosystem: "Debian",
        advisories: 1,
        malicious: 0,
        packages: 2,
        releases: ["11", "12"],
        newest: "2026-02-01T00:00:00Z",
      },
      { ecosystem: "npm", advisories: 1, malicious: 1, packages: 2, releases: [], newest: "2026-03-01T00:00:00Z" },
    ]);
  });

  test("a missing database is a missing dependency, and the error says how to get one", async () => {
    await using folder = await openFolder();
    const opened = openDatabase(join(folder.path, "absent"));
    await expect(opened).rejects.toMatchObject({
      code: "DATABASE_MISSING",
      hint: expect.stringContaining("sc db build --from"),
    });
    await expect(databaseStatus(folder.path)).rejects.toMatchObject({ code: "DATABASE_MISSING" });
  });

  test("a newer, foreign or damaged index is told apart, and a build over a newer or foreign one is refused", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const path = await writeRecords(folder.path, [record("X-1")]);
    await buildDatabase([path], { output, now: builtAt });
    const index = join(output, "index.json");
    const text = await readFile(index, "utf8");
    const cases = [
      [text.replace(/"schema":\d+/, '"schema":99'), "DATABASE_NEWER"],
      ['{"name":"my-project"}', "DATABASE_FOREIGN"],
      [text.slice(0, 100), "DATABASE_CORRUPT"],
      [text.replace(/"file":"[^"]*"/, '"file":"../../etc/passwd"'), "DATABASE_CORRUPT"],
    ] as const;
    for (const [content, code] of cases) {
      await writeFile(index, content);
      await expect(openDatabase(output)).rejects.toMatchObject({ code, hint: expect.any(String) });
      if (code === "DATABASE_CORRUPT") continue;
      await expect(buildDatabase([path], { output, now: builtAt })).rejects.toMatchObject({ code });
      expect(await readFile(index, "utf8")).toBe(content);
    }
    await buildDatabase([path], { output, now: builtAt });
    await using database = await openDatabase(output);
    expect(matchInventory(left, database).findings).toHaveLength(1);
    await expect(openDatabase(index)).rejects.toMatchObject({ code: "DATABASE_FOREIGN" });
  });

  test("a database of an earlier layout is refused with what replaces it, and a build takes its place", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const path = await writeRecords(folder.path, [record("X-1")]);
    await buildDatabase([path], { output, now: builtAt });
    const index = join(output, "index.json");
    await writeFile(index, (await readFile(index, "utf8")).replace(/"schema":\d+/, '"schema":1'));
    await expect(openDatabase(output)).rejects.toMatchObject({
      code: "DATABASE_OUTGROWN",
      hint: expect.stringMatching(/sc db build --from .*sc db update/),
    });
    await buildDatabase([path], { output, now: builtAt });
    await using database = await openDatabase(output);
    expect(matchInventory(left, database).findings).toHaveLength(1);
  });

  test("a damaged, missing or exchanged file of an ecosystem is told, never read as clean", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    await (await openRecords(folder.path, [record("X-1")]))[Symbol.asyncDispose]();
    const name = (await readdir(output)).find((file) => file.startsWith("npm-")) ?? "";
    const [file, copy] = [join(output, name), join(folder.path, "copy")];
    await copyFile(file, copy);
    const { length } = await readFile(file);
    const damages = [
      () => truncate(file, length - 4096),
      () => appendFile(file, "one line more"),
      () => writeFile(file, Buffer.alloc(length, 0x20)),
      () => readFile(copy).then((bytes) => writeFile(file, bytes.fill(0xff, 200))),
      () => rm(file),
    ];
    for (const damage of damages) {
      await copyFile(copy, file);
      await damage();
      await using database = await openDatabase(output);
      expect(() => matchInventory(left, database)).toThrow(expect.objectContaining({ code: "DATABASE_CORRUPT" }));
    }
  });
});

test("a scan opens the files of the ecosystems that its packages need, and no other (SCAN-2)", async () => {
  await using folder = await openFolder();
  const others = ["PyPI", "Maven", "Debian:12"].map((ecosystem) => ({
    id: `X-${ecosystem.slice(0, 2)}`,
    modified: "2026-01-01T00:00:00Z",
    affected: [{ package: { ecosystem, name: "left" }, versions: ["1.0.0"] }],
  }));
  await (await openRecords(folder.path, [record("X-1"), ...others]))[Symbol.asyncDispose]();
  const output = join(folder.path, "db");
  const needless = (await readdir(output)).filter((name) => name.endsWith(".sqlite") && !name.startsWith("npm-"));
  expect(needless).toHaveLength(3);
  for (const name of needless) await rm(join(output, name));
  await using database = await openDatabase(output);
  expect(matchInventory(left, database).findings.map(({ id }) => id)).toEqual(["X-1"]);
  const python = inventoryOf([installed({ type: "pypi", name: "left", version: "1.0.0" })]);
  expect(() => matchInventory(python, database)).toThrow(expect.objectContaining({ code: "DATABASE_CORRUPT" }));
});

describe("zips as OSV exports them (SCAN-2)", () => {
  test("are read entry by entry, alone or in folders, and give what the same files give", async () => {
    await using folder = await openFolder();
    const records = ["X-1", "X-2"].map((id) => record(id));
    const path = await writeRecords(folder.path, records);
    const exported = join(folder.path, "export/npm");
    await mkdir(exported, { recursive: true });
    const files = new Map(records.map((one) => [`${one.id}.json`, JSON.stringify(one)]));
    await writeFile(join(exported, "all.zip"), zipOf(new Map([...files, ["README.txt", "x"]])));
    const outputs = ["files", "zip", "folder"].map((name) => join(folder.path, name));
    for (const [index, input] of [path, join(exported, "all.zip"), join(folder.path, "export")].entries()) {
      const result = await buildDatabase([input], { output: outputs[index] ?? "", now: builtAt });
      expect([result.records, result.problemCount]).toEqual([2, 0]);
    }
    const [files1, zip, below] = await Promise.all(outputs.map(filesOf));
    expect([zip, below]).toEqual([files1, files1]);
  });

  test("a damaged one is refused whole, and an entry of another name than its record is a problem", async () => {
    await using folder = await openFolder();
    const output = join(folder.path, "db");
    const path = join(folder.path, "all.zip");
    const bytes = zipOf(new Map([["X-1.json", JSON.stringify(record("X-1"))]]));
    await writeFile(path, bytes.subarray(0, bytes.length - 30));
    await expect(buildDatabase([path], { output, now: builtAt })).rejects.toMatchObject({ code: "ZIP_INVALID" });
    const [good, evil] = [JSON.stringify(record("X-1")), JSON.stringify(record("X-9"))];
    await writeFile(
      path,
      zipOf(
        new Map([
          ["X-1.json", good],
          ["../X-2.json", evil],
        ]),
      ),
    );
    const { problems } = await buildDatabase([path], { output, now: builtAt });
    expect(problems).toMatchObject([{ code: "ADVISORY_ID_MISMATCH", path: `${path}:../X-2.json` }]);
  });
});

// Stored entries only: what the zip reader itself can do is tested where it is.
function zipOf(files: ReadonlyMap<string, string>): Buffer {
  const [locals, places]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, text] of files) {
    const content = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt32LE(crc32(content), 10);
    fields.writeUInt32LE(content.length, 14);
    fields.writeUInt32LE(content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, Buffer.from(name), content]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    locals.push(local);
    places.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, place, Buffer.from(name)]));
    offset += local.length;
  }
  const directory = Buffer.concat(places);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(files.size, 8);
  end.writeUInt16LE(files.size, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
