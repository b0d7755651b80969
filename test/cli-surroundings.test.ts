import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Interrupted } from "@sc/cli";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-surroundings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const place = (name: string): string => join(folder, "places", name);
const gate = (failOn: string): string => `security:\n  enabled: true\n  scan: { enabled: true, failOn: ${failOn} }\n`;
const copied = (name: string): string => `oci-layout:${join(folder, name)}`;
const countSteps = (text: string): number => text.split("\n").filter((line) => /^ {2}\S+ +sc /.test(line)).length;

const image = buildImage({
  layers: ["a", "b", "c"].map((name) =>
    buildLayer([
      { path: `${name}/`, type: "directory" },
      { path: `app/node_modules/${name}/package.json`, content: JSON.stringify({ name, version: "1.0.0" }) },
    ]),
  ),
});

describe("where the configuration comes from (RUN-1)", () => {
  const home = { HOME: place("home"), XDG_CONFIG_HOME: place("xdg") };
  const bare = place("bare");

  beforeAll(() => {
    for (const name of ["home/.config/sc", "xdg/sc", "project", "bare"]) mkdirSync(place(name), { recursive: true });
    writeFileSync(place("home/.config/sc/config.yaml"), gate("low"));
    writeFileSync(place("xdg/sc/config.yaml"), gate("medium"));
    writeFileSync(place("project/sc.yaml"), gate("high"));
    writeFileSync(place("variable.yaml"), gate("critical"));
    writeFileSync(place("flag.yaml"), gate("low"));
  });

  test.each([
    [
      "the option wins",
      ["--config", place("flag.yaml"), "--project", place("project")],
      { SC_CONFIG: place("variable.yaml") },
      "low",
    ],
    ["then the variable", ["--project", place("project")], { SC_CONFIG: place("variable.yaml") }, "critical"],
    ["then the project's file", ["--project", place("project")], {}, "high"],
    ["then the user's in XDG_CONFIG_HOME", ["--project", bare], {}, "medium"],
    ["or in .config", ["--project", bare], { XDG_CONFIG_HOME: "" }, "low"],
  ])("%s", async (_, words, more, wanted) => {
    const ran = await runCli(["config", "show", "--origin", ...words], {
      variables: { ...home, ...more },
    });
    expect(ran.stderr).toBe("");
    expect(ran.stdout).toMatch(new RegExp(`^(security\\.)?scan\\.failOn: ${wanted}  # .+\\.yaml`, "m"));
    expect(ran.stdout).toMatch(/^(security\.)?scan\.warnOn: high  # default$|# default$/m);
  });

  test("sc config check FILE is --config FILE, and one of each leaves open which is meant", async () => {
    const words = ["config", "check"];
    const byWord = await runCli([...words, place("flag.yaml")], { variables: home });
    expect(byWord).toEqual(await runCli([...words, "--config", place("flag.yaml")], { variables: home }));
    expect(byWord.exitCode).toBe(0);
    const variables = { ...home, SC_CONFIG: place("nowhere.yaml") };
    expect((await runCli([...words, place("flag.yaml")], { variables })).exitCode).toBe(0);
    const both = await runCli([...words, place("flag.yaml"), "--config", place("flag.yaml")], { variables: home });
    expect(both.exitCode).toBe(3);
  });

  test("everything that is wrong with a file is told at once", async () => {
    const file = place("wrong.yaml");
    writeFileSync(file, "security:\n  scan: {failOnn: high, warnOn: dreadful}\n  singing: {enabled: true}\n");
    const ran = await runCli(["config", "check", file, "--json"]);
    expect(ran.exitCode).toBe(3);
    const { error } = JSON.parse(ran.stdout);
    const told = [error.message, ...error.facts.also.split("\n")].join("\n");
    for (const field of ["scan.failOnn", "scan.warnOn", "security.singing"]) expect(told).toContain(field);
    expect(told).toContain("Did you mean: signing");
    expect(ran.stderr).toContain("also");
  });

  test("without any there is an error that says where one could be", async () => {
    const ran = await runCli(["config", "show", "--project", bare], { variables: { HOME: place("nobody") } });
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain("Give --config FILE");
  });
});

describe("where results go", () => {
  test("-o FORMAT=FILE is --format FORMAT=FILE, any number of times, as syft has it (SBOM-4)", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const [one, two] = [join(folder, "one.json"), join(folder, "two.json")];
    const ran = await runCli(["sbom", "generate", reference, "-o", `spdx-json=${one}`, "-o", `syft-json=${two}`]);
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["one.json", "two.json"]));
    expect(ran.stdout).not.toContain("CycloneDX");
  });

  test.each([
    [["-o", "spdx-json"], '"spdx-json" is a form'],
    [["-o", "a.json", "-o", "b.json"], "names 2 files, wanted one"],
  ])("%j is refused, and nothing is read", async (words, said) => {
    const ran = await runCli(["sbom", "generate", "127.0.0.1:1/acme/api:1", ...words]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr.replaceAll(/\s+/g, " ")).toContain(said);
  });
});

describe("what the terminal is told", () => {
  test.each([
    [{}, true, true],
    [{ NO_COLOR: "1" }, true, false],
    [{ TERM: "dumb" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ CLICOLOR_FORCE: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, false, false],
    [{}, false, false],
  ])("%j on a terminal: %s, colour: %s", async (variables, terminal, colored) => {
    const ran = await runCli(["halp"], { variables, terminal });
    expect(ran.stderr.includes("\u001b[")).toBe(colored);
  });

  test("--progress json is one event a line, with stages and bytes, and the result stays on standard output", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const ran = await runCli(["sbom", "generate", reference, "--progress", "json"], { terminal: true });
    const events = ran.stderr
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(events).toContainEqual(expect.objectContaining({ type: "stage", stage: "inventory", state: "start" }));
    expect(events).toContainEqual(expect.objectContaining({ type: "stage", stage: "inventory", state: "done" }));
    expect(events).toContainEqual(
      expect.objectContaining({ type: "blob", action: "fetch", totalBytes: expect.any(Number) }),
    );
    expect(JSON.parse(ran.stdout)).toMatchObject({ bomFormat: "CycloneDX" });
  });

  test("a pipe sees no escape and no carriage return, and CI is a pipe even on a terminal", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    for (const options of [{}, { terminal: true, variables: { CI: "true", NO_COLOR: "1" } }]) {
      const ran = await runCli(["image", "inspect", reference], options);
      for (const sign of ["\u001b", "\r"]) expect(ran.stdout + ran.stderr).not.toContain(sign);
    }
  });

  test("-q leaves the report and no progress; --silent leaves errors, what was asked to be shown, and a no", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const quiet = await runCli(["image", "copy", reference, copied("quiet"), "-q"]);
    expect([quiet.stdout === "", quiet.stderr]).toEqual([false, ""]);
    const silent = await runCli(["image", "copy", reference, copied("silent"), "--silent"]);
    expect(silent).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const shown = await runCli(["image", "inspect", reference, "--silent"]);
    expect([shown.stdout === "", shown.stderr]).toEqual([false, ""]);
    const json = await runCli(["image", "copy", reference, copied("json"), "--silent", "--json"]);
    expect(documentOf(json)).toMatchObject({ outcome: "pass" });
    const failed = await runCli(["image", "inspect", `${reference}9`, "--silent"]);
    expect(failed.stderr).toContain("SC-");
  });

  test("what to do next is shown on a terminal, two lines at most, and once for a cache directory", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const words = ["sbom", "generate", reference, "--format", `spdx-json=${join(folder, "next.json")}`];
    const cache = ["--cache-dir", join(folder, "next-cache")];
    const variables = { NO_COLOR: "1" };
    expect(countSteps((await runCli([...words, ...cache])).stdout)).toBe(0);
    expect(countSteps((await runCli([...words, ...cache], { terminal: true, variables })).stdout)).toBe(2);
    expect(countSteps((await runCli([...words, ...cache], { terminal: true, variables })).stdout)).toBe(0);
  });
});

describe("an interruption (section 6)", () => {
  test("at any request of a command ends it in 130, leaves nothing half-written and says what is there", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", image);
    const keys = join(folder, "interrupted");
    const secret = { variables: { COSIGN_PASSWORD: "secret", HOME: folder } };
    const made = await runCli(["key", "generate", "--output-key-prefix", keys], secret);
    expect(made.exitCode, made.stderr).toBe(0);
    const commandLines: readonly ((run: string) => readonly string[])[] = [
      () => ["image", "sign", reference, "--key", `${keys}.key`],
      (run) => ["image", "copy", reference, `oci-archive:${join(folder, run, "image.tar")}`],
      (run) => ["image", "copy", reference, reference.replace("acme/api:1", `${run}/api:1`)],
      (run) => ["sbom", "generate", reference, "--no-cache", "-o", join(folder, run, "sbom.json")],
    ];
    let interrupted = 0;
    for (const [index, commandLine] of commandLines.entries()) {
      for (const requests of [1, 2, 3, 5, 8]) {
        const run = `run-${index}-${requests}`;
        mkdirSync(join(folder, run));
        const controller = new AbortController();
        const before = registry.requests.length;
        const running = runCli(commandLine(run), { ...secret, signal: controller.signal });
        const arrived = async (): Promise<void> => {
          while (registry.requests.length < before + requests && !controller.signal.aborted) {
            await new Promise((next) => setImmediate(next));
          }
        };
        await Promise.race([running, arrived()]);
        controller.abort(new Interrupted());
        const ran = await running;
        expect([0, 130]).toContain(ran.exitCode);
        if (ran.exitCode === 130) {
          interrupted += 1;
          expect(ran.stderr).toMatch(/interrupted; (nothing was written|already written: \S)/);
        }
        // A file is there whole, under its own name, or not at all.
        const left = readdirSync(join(folder, run));
        expect(left.filter((name) => name !== "image.tar" && name !== "sbom.json")).toEqual([]);
        // A tag names only what is there with everything it refers to.
        const tree = await runCli(["image", "inspect", reference.replace("acme/api:1", `${run}/api:1`), "--json"]);
        if (tree.exitCode === 0) {
          const again = [
            "image",
            "copy",
            reference.replace("acme/api:1", `${run}/api:1`),
            `oci-layout:${folder}/${run}`,
          ];
          expect((await runCli(again)).exitCode).toBe(0);
        }
      }
    }
    expect(interrupted).toBeGreaterThan(8);
  });

  test("names the signatures that are stored although the command never came to say so (SIGN-3)", async () => {
    await using registry = await startRegistry();
    const references = ["api", "web"].map((name) => pushImage(registry, `acme/${name}:1`, image));
    const keys = join(folder, "stored");
    const secret = { variables: { COSIGN_PASSWORD: "secret", HOME: folder } };
    await runCli(["key", "generate", "--output-key-prefix", keys], secret);
    registry.inject({ method: "PUT", path: /web\/manifests\/sha256-/, effect: { type: "stall", afterBytes: 0 } });
    const controller = new AbortController();
    const running = runCli(["image", "sign", ...references, "--key", `${keys}.key`], {
      ...secret,
      signal: controller.signal,
    });
    const isStalled = (): boolean =>
      registry.requests.some(({ method, target }) => method === "PUT" && target.includes("web/manifests/sha256-"));
    while (!isStalled()) await new Promise((next) => setImmediate(next));
    controller.abort(new Interrupted());
    const ran = await running;
    expect(ran.exitCode).toBe(130);
    const [api = "", web = ""] = references;
    const said = ran.stderr.slice(ran.stderr.indexOf("already written")).replaceAll(/\s+/g, " ").trim();
    expect(said).toBe(`already written: signature of ${api}, bundle of ${web.slice(0, -2)}`);
  });
});
