import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { importDatabase } from "@sc/pipeline";
import { buildDatabase } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { publish, record, serveFolder } from "./database-mirror.ts";
import { openFolder, writeRecords } from "./matching-database.ts";
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

/** A module that is loaded before the program: the process is interrupted as soon as it says that it is at this point. */
function interruptAt(stage: string): string {
  const point = JSON.stringify(`"stage":"${stage}","state":"start"`);
  const module = `
    const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (chunk, ...rest) => {
      if (String(chunk).includes(${point})) process.kill(process.pid, "SIGINT");
      return write(chunk, ...rest);
    };`;
  return `data:text/javascript,${encodeURIComponent(module)}`;
}

describe("a process that builds a database and is interrupted by Ctrl-C (SCAN-2, section 6)", () => {
  test.each(["read", "write"])(
    "ends in 130 while it %ss, leaves the database as it was, and says that nothing was written",
    async (stage) => {
      await using folder = await openFolder();
      const old = await publish(join(folder.path, "old"), publisher, { ids: ["X-1"], now: builtAt });
      const output = join(folder.path, "db");
      await importDatabase(old.folder, options(output));
      const before = await contentsOf(output);
      // All of one package: only writing the records themselves gives the signal its turn.
      const records = Array.from({ length: 2000 }, (_, index) => record(`X-2-${index}`));
      const from = await writeRecords(join(folder.path, "records"), records);
      const sc = join(import.meta.dirname, "../packages/cli/src/bin.ts");
      const words = ["db", "build", "--from", from, "--db", output, "--progress", "json", "--json"];
      const child = spawn(process.execPath, ["--import", interruptAt(stage), sc, ...words], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk) => (stdout += String(chunk)));
      child.stderr.on("data", (chunk) => (stderr += String(chunk)));
      const [exitCode, signal] = await once(child, "close");
      expect([exitCode, signal]).toEqual([130, null]);
      expect(JSON.parse(stdout)).toMatchObject({ outcome: "error", error: { code: "INTERRUPTED", written: [] } });
      expect(stderr).toContain("interrupted; nothing was written");
      expect(stderr).not.toContain(`"stage":"${stage}","state":"done"`);
      expect(await contentsOf(output)).toEqual(before);
    },
  );

  test("that is told to stop when all is written and nothing has taken its place yet leaves the database as it was", async () => {
    await using folder = await openFolder();
    const old = await publish(join(folder.path, "old"), publisher, { ids: ["X-1"], now: builtAt });
    const output = join(folder.path, "db");
    await importDatabase(old.folder, options(output));
    const before = await contentsOf(output);
    const from = await writeRecords(join(folder.path, "records"), [record("X-2")]);
    const told = new AbortController();
    const building = buildDatabase([from], {
      output,
      now: builtAt,
      signal: told.signal,
      onProgress: (event) =>
        event.type === "stage" && event.stage === "write" && event.state === "done" && told.abort(new Error("stop")),
    });
    await expect(building).rejects.toThrow("stop");
    expect(await contentsOf(output)).toEqual(before);
  });
});
