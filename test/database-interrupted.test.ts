import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importDatabase } from "@sc/pipeline";
import { describe, expect, test } from "vitest";
import { publish, serveFolder } from "./database-mirror.ts";
import { openFolder } from "./matching-database.ts";
import { builtAt, contentsOf, idsIn, later, namesIn, options, publisher } from "./published-database.ts";

describe("processes that update one database (SCAN-2)", () => {
  test("one that is killed while it fetches leaves the database as it was, and the next one goes on", async () => {
    await using folder = await openFolder();
    const old = await publish(join(folder.path, "old"), publisher, { ids: ["X-1"], now: builtAt });
    const output = join(folder.path, "db");
    await importDatabase(old.folder, options(output));
    const before = await contentsOf(output);
    const young = await publish(join(folder.path, "new"), publisher, { ids: ["X-2"], now: later(1) });
    await using server = await serveFolder(young.folder, [
      { path: /npm-/, effect: { type: "stall", afterBytes: 300 } },
    ]);
    const pem = publisher.publicKey.key.export({ type: "spki", format: "pem" });
    const script = `
      import { updateDatabase } from ${JSON.stringify(import.meta.resolve("@sc/pipeline"))};
      import { parsePublicKeys } from ${JSON.stringify(import.meta.resolve("@sc/sign"))};
      const keys = parsePublicKeys(${JSON.stringify(pem)}, "key");
      await updateDatabase({
        output: ${JSON.stringify(output)}, mirrors: [${JSON.stringify(server.origin)}], policy: { keys },
        now: new Date(${later(1).getTime()}),
        onProgress: (event) => event.type === "stage" && event.subject === "npm" && process.stdout.write("npm"),
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(child.stdout, "data");
      const impatient = importDatabase(young.folder, options(output, { waitMilliseconds: 100 }));
      await expect(impatient).rejects.toMatchObject({ code: "DATABASE_BUSY" });
      expect(await idsIn(output)).toEqual(["X-1-N"]);
      child.kill("SIGKILL");
      await once(child, "exit");
    } finally {
      child.kill("SIGKILL");
    }
    expect((await namesIn(output)).filter((name) => !name.startsWith("staging-"))).toEqual([...before.keys()]);
    expect(await idsIn(output)).toEqual(["X-1-N"]);
    await importDatabase(young.folder, options(output));
    expect(await idsIn(output)).toEqual(["X-2-N"]);
    expect((await namesIn(output)).filter((name) => name.startsWith("staging-"))).toEqual([]);
  });

  test("one that runs out of room leaves the database as it was, and says so", async () => {
    await using folder = await openFolder();
    const old = await publish(join(folder.path, "old"), publisher, { ids: ["X-1"], now: builtAt });
    const output = join(folder.path, "db");
    await importDatabase(old.folder, options(output));
    const before = await contentsOf(output);
    const young = await publish(join(folder.path, "new"), publisher, { ids: ["X-2"], now: later(1) });
    const key = join(folder.path, "key.pub");
    await writeFile(key, publisher.publicKey.key.export({ type: "spki", format: "pem" }));
    const sc = join(import.meta.dirname, "../packages/cli/src/bin.ts");
    const words = [process.execPath, sc, "db", "import", young.folder, "--db", output, "--key", key, "--json"];
    // No file of this process may have more than 8 blocks, and those of the database have more.
    const child = spawn("sh", ["-c", 'ulimit -f 8 && exec "$@"', "sh", ...words], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk) => (stdout += String(chunk)));
    const [exitCode] = await once(child, "close");
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([4, { error: { code: "DATABASE_UNWRITABLE" } }]);
    expect(await contentsOf(output)).toEqual(before);
  });
});
