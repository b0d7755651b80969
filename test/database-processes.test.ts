import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestOf } from "@sc/model";
import { buildDatabase, databaseStatus, matchInventory, openDatabase, packDatabase } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { publish, record } from "./database-mirror.ts";
import { distribution, installed, inventoryOf, openFolder, writeRecords } from "./matching-database.ts";
import { newKey } from "./sign-support.ts";

const builtAt = new Date("2026-11-20T04:10:00Z");
const later = (days: number): Date => new Date(builtAt.getTime() + days * 86_400_000);
const publisher = newKey();
const npmPackage = inventoryOf([installed({ type: "npm", name: "left", version: "1.0.0" })]);
const debianPackage = inventoryOf(
  [installed({ type: "deb", namespace: "debian", name: "left", version: "1.0.0" })],
  distribution("debian", "12"),
);

async function idsIn(database: string, inventory: typeof npmPackage): Promise<readonly string[]> {
  await using opened = await openDatabase(database);
  return matchInventory(inventory, opened).findings.map(({ id }) => id);
}

describe("giving a database on (SCAN-2)", () => {
  test("does not keep others from replacing it, and gives what it was", async () => {
    await using folder = await openFolder();
    const { database } = await publish(folder.path, publisher, { ids: ["X-1"], now: builtAt });
    const before = await databaseStatus(database);
    const records = [record("X-2-N"), record("X-2-P", "PyPI")];
    const next = await writeRecords(join(folder.path, "next"), records);
    await mkdir(join(database, "packing-dead"));
    const given = await packDatabase(database, {}, async (files) => {
      for (const now of [later(1), later(2), later(3)]) {
        await buildDatabase([next], { output: database, now, waitMilliseconds: 0 });
      }
      return await Promise.all(files.map(async ({ path, digest }) => digestOf(await readFile(path)) === digest));
    });
    expect(given).toEqual([true, true, true, true, true]);
    expect((await databaseStatus(database)).digest).not.toBe(before.digest);
    expect((await readdir(database)).filter((name) => /^(?:packing|staging)-/.test(name))).toEqual([]);
  });
});

describe("updaters in processes of their own (SCAN-2)", () => {
  test("take turns: each ends well, and the database is one of theirs, whole", async () => {
    await using folder = await openFolder();
    const mirrors = await Promise.all(
      ["X-1", "X-2"].map((id) => publish(join(folder.path, id), publisher, { ids: [id], now: builtAt })),
    );
    const output = join(folder.path, "db");
    const script = `
      import { importDatabase } from "@sc/pipeline";
      import { parsePublicKeys } from "@sc/sign";
      const [output, mirror, pem] = process.argv.slice(1);
      const policy = { keys: parsePublicKeys(pem, "key") };
      const { state } = await importDatabase(mirror, { output, policy, now: new Date(${later(1).getTime()}) });
      process.stdout.write(state);`;
    const { pem } = publisher.publicKey;
    const run = promisify(execFile);
    const ended = await Promise.all(
      [0, 1].map((one) =>
        run(process.execPath, ["--input-type=module", "-e", script, output, mirrors[one]?.folder ?? "", pem], {
          cwd: import.meta.dirname,
        }),
      ),
    );
    expect(ended.map(({ stdout }) => stdout).filter((state) => !/^(?:updated|current)$/.test(state))).toEqual([]);
    const [[id = ""], debian] = [await idsIn(output, npmPackage), await idsIn(output, debianPackage)];
    expect(id).toMatch(/^X-[12]-N$/);
    expect(debian).toEqual([id.replace("-N", "-D")]);
    expect((await readdir(output)).filter((name) => name.startsWith("staging-"))).toEqual([]);
  });
});
