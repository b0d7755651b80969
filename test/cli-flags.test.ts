import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, buildIndex, buildLayer, pushImage, startRegistry, writeLayout } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, runCli } from "./run-cli.ts";

const folder = mkdtempSync(join(tmpdir(), "sc-flags-"));
const layout = `oci-layout:${join(folder, "layout")}`;
const document = join(folder, "bom.json");
const packageAt = (name: string, more: object = {}) => ({
  path: `app/node_modules/${name}/package.json`,
  content: JSON.stringify({ name, version: "1.0.0", ...more }),
});
const imageFor = (architecture: string) =>
  buildImage({
    layers: [buildLayer([packageAt("plain", { license: "MIT" }), packageAt(architecture)])],
    platform: { os: "linux", architecture },
  });

beforeAll(async () => {
  const index = buildIndex({ images: ["amd64", "arm64", "s390x"].map(imageFor) });
  await writeLayout(join(folder, "layout"), index, "1");
  const cpe = "cpe:2.3:a:acme:thing:1.0.0:*:*:*:*:*:*:*";
  const component = { type: "library", name: "thing", version: "1.0.0", purl: "pkg:generic/thing@1.0.0", cpe };
  const evidence = { occurrences: [{ location: "usr/lib/other.so" }] };
  const other = { type: "library", name: "other", version: "2.0.0", purl: "pkg:generic/other@2.0.0", evidence };
  const licensed = { ...other, licenses: [{ license: { id: "MIT" } }] };
  const bom = { bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: [component, licensed] };
  writeFileSync(document, JSON.stringify(bom));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("options of commands, one by one (section 6)", () => {
  test("--platform chooses the image of an index, and one it has not is an error that names those it has", async () => {
    for (const architecture of ["arm64", "s390x"]) {
      const ran = await runCli([
        "sbom",
        "generate",
        layout,
        "--platform",
        `linux/${architecture}`,
        "--format",
        "table",
      ]);
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.stdout).toMatch(new RegExp(`^${architecture} +1\\.0\\.0`, "m"));
    }
    const none = await runCli(["sbom", "generate", layout, "--platform", "linux/riscv64"]);
    expect(none.exitCode).toBe(3);
    for (const text of ["amd64", "arm64", "s390x"]) expect(none.stderr).toContain(text);
  });

  test("a name that no registry has and this disk has is answered with how to write it", async () => {
    const before = process.cwd();
    const database = join(folder, "db");
    const from = join(import.meta.dirname, "../vectors/advisories");
    expect((await runCli(["db", "build", "--from", from, "--db", database])).exitCode).toBe(0);
    process.chdir(folder);
    try {
      for (const [name, wanted] of [
        ["layout", "oci-layout:layout"],
        ["bom.json", "--sbom bom.json"],
        ["sbom:bom.json", "--sbom bom.json"],
      ] as const) {
        const ran = await runCli(["image", "scan", name, "--offline", "--db", database]);
        expect([name, ran.exitCode, ran.stderr.includes(`there is something of that name: ${wanted}`)]).toEqual([
          name,
          4,
          true,
        ]);
      }
      const other = await runCli(["image", "scan", "nothing-here", "--offline", "--db", database]);
      expect([other.exitCode, other.stderr.includes("of that name")]).toEqual([4, false]);
    } finally {
      process.chdir(before);
    }
  });

  test("--no-referrers copies the image and nothing that refers to it", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", imageFor("amd64"));
    const prefix = join(folder, "copied");
    const variables = { COSIGN_PASSWORD: "" };
    await runCli(["key", "generate", "--output-key-prefix", prefix], { variables });
    expect((await runCli(["sign", reference, "--key", `${prefix}.key`], { variables })).exitCode).toBe(0);
    const verify = async (to: string): Promise<number> =>
      (await runCli(["verify", to, "--key", `${prefix}.pub`])).exitCode;
    for (const [words, exitCode] of [
      [[], 0],
      [["--no-referrers"], 1],
    ] as const) {
      const to = `${registry.host}/copy/to-${exitCode}:1`;
      const ran = await runCli(["image", "copy", reference, to, ...words]);
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(await verify(to)).toBe(exitCode);
    }
  });

  test.each([
    ["--cpe", "cpe:2.3:a:acme:thing:1.0.0:*:*:*:*:*:*:*", "thing"],
    ["--path", "usr/lib/other.so", "other"],
  ])("sc sbom query %s finds the package, and ends in 1 where there is none", async (option, value, name) => {
    const ran = await runCli(["sbom", "query", document, option, value]);
    expect([ran.exitCode, ran.stdout.includes("1 package of 2")]).toEqual([0, true]);
    expect(ran.stdout).toContain(name);
    expect((await runCli(["sbom", "query", document, option, `${value}x`])).exitCode).toBe(1);
  });

  test("sc sbom licenses --deny-unknown fails for a package without a licence that is known, and only then", async () => {
    expect((await runCli(["sbom", "licenses", document])).exitCode).toBe(0);
    const denied = await runCli(["sbom", "licenses", document, "--deny-unknown"]);
    expect([denied.exitCode, denied.stdout.includes("thing")]).toEqual([1, true]);
  });

  test("sc provenance generate --dockerfile makes its base images dependencies", async () => {
    const dockerfile = join(folder, "Build.dockerfile");
    const digest = `sha256:${"a".repeat(64)}`;
    writeFileSync(dockerfile, `FROM ghcr.io/acme/base:1@${digest}\nRUN true\n`);
    const output = join(folder, "provenance.json");
    const words = ["provenance", "generate", layout, "-o", output];
    expect((await runCli(words)).exitCode).toBe(0);
    expect(readFileSync(output, "utf8")).not.toContain("acme/base");
    const ran = await runCli([...words, "--dockerfile", dockerfile]);
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(readFileSync(output, "utf8")).toContain("a".repeat(64));
    expect(readFileSync(output, "utf8")).toContain("acme/base");
    const missing = await runCli([...words, "--dockerfile", join(folder, "none"), "--json"]);
    expect(missing.exitCode).not.toBe(0);
    expect(documentOf(missing)).toMatchObject({ outcome: "error" });
  });
});
