import { describe, expect, test } from "vitest";
import { type LoadedConfig, readStackConfig } from "./read-config.ts";

async function load(files: Readonly<Record<string, string>>, environment = "production"): Promise<LoadedConfig> {
  const project = {
    read: async (path: string) => files[path],
    list: async (folder: string) =>
      Object.keys(files)
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""),
  };
  return await readStackConfig(project, "shop", environment);
}

const client = ".sc/stacks/shop/client.yaml";
const parent = (name: string): string => `.sc/parent-stacks/${name}.yaml`;

describe("inheritance of a stack's configuration (RUN-1)", () => {
  test("is deep over any number of files: mappings merge, lists are replaced, and the child wins", async () => {
    const { security, files, origins } = await load({
      [client]:
        "schemaVersion: 1.0\nstacks:\n  production:\n    type: cloud-compose\n    uses: team\n    config:\n      domain: example.org\n      security:\n        scan: {failOn: high}\n        sbom: {exclude: [pkg:npm/%40acme/*]}\n",
      [parent("team")]: "parent: company\nsecurity:\n  scan: {warnOn: low}\n  sbom: {enabled: true, exclude: [a, b]}\n",
      [parent("company")]: "security: {enabled: true, scan: {enabled: true, failOn: critical, warnOn: medium}}\n",
    });
    expect(security.scan).toMatchObject({ enabled: true, failOn: "high", warnOn: "low" });
    expect(security.sbom).toMatchObject({ enabled: true, exclude: ["pkg:npm/%40acme/*"] });
    expect(files).toEqual([client, parent("team"), parent("company")]);
    expect(origins.get("security.scan.failOn")).toBe(`${client}:9:24`);
    expect(origins.get("security.enabled")).toBe(`${parent("company")}:1:21`);
  });

  test("what is for every environment is laid below what is for one, and another environment gets none of that", async () => {
    const files = {
      [client]:
        "security: {enabled: true, scan: {failOn: low}}\nclient: {security: {scan: {warnOn: low}}}\nstacks:\n  staging: {}\n  production: {config: {security: {scan: {failOn: critical}}}}\n",
    };
    expect((await load(files)).security.scan).toMatchObject({ failOn: "critical", warnOn: "low" });
    expect((await load(files, "staging")).security.scan).toMatchObject({ failOn: "low", warnOn: "low" });
  });

  test("what two parents share is laid lowest, so that neither loses to it", async () => {
    const { security } = await load({
      [client]: "stacks: {production: {uses: [left, right]}}",
      [parent("left")]: "uses: base\nsecurity: {scan: {failOn: high}}",
      [parent("right")]: "uses: base\nsecurity: {enabled: true}",
      [parent("base")]: "security: {scan: {failOn: low}}",
    });
    expect(security).toMatchObject({ enabled: true, scan: { failOn: "high" } });
  });

  test("a cycle is told with the whole chain", async () => {
    const files = {
      [client]: "uses: one\nstacks: {production: {}}",
      [parent("one")]: "uses: two",
      [parent("two")]: "parent: one",
    };
    await expect(load(files)).rejects.toMatchObject({
      code: "CONFIG_CYCLE",
      message: expect.stringContaining(`${parent("one")} → ${parent("two")} → ${parent("one")}`),
    });
  });

  test("a parent, stack or environment that is not there is an error with the nearest name", async () => {
    const files = { [client]: "stacks: {production: {uses: comapny}}", [parent("company")]: "" };
    await expect(load(files)).rejects.toMatchObject({ code: "STACK_MISSING", hint: "Did you mean: company" });
    await expect(load(files, "prodution")).rejects.toMatchObject({ hint: "Did you mean: production" });
    await expect(load({ ".sc/stacks/shp/client.yaml": "" })).rejects.toMatchObject({ hint: "Did you mean: shp" });
  });

  test("a name cannot lead out of the folder of parents", async () => {
    for (const name of ["../stacks/shop/client", "/etc/passwd", "..", "a/../../b"]) {
      await expect(load({ [client]: `uses: ${name}\nstacks: {production: {}}` })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
      });
    }
  });

  test("an unknown field is told with its own file, line and column, wherever in the chain it stands", async () => {
    const files = {
      [client]: "uses: team\nstacks: {production: {}}",
      [parent("team")]: "security:\n  scan:\n    failOnn: low",
    };
    await expect(load(files)).rejects.toMatchObject({
      message: `${parent("team")}:3:14: security.scan.failOnn: there is no such field`,
      hint: "Did you mean: failOn",
    });
    await expect(
      load({ [client]: "stacks: {production: {config: {securty: {enabled: true}}}}" }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("stacks.production.config.securty: there is no such field"),
    });
  });
});

describe("images of a stack (RUN-1, RUN-5)", () => {
  test("are those of its services and its list, each under a name of its own", async () => {
    const { images } = await load({
      [client]:
        "stacks: {production: {config: {services: {web: {image: 'r/a/web:1', port: 80}, db: {}}, images: ['r/b/web:1', 'r/c/job:${env:TAG}']}}}",
    });
    expect(images).toEqual([
      { name: "web", image: "r/a/web:1" },
      { name: "r/b/web:1", image: "r/b/web:1" },
      { name: "job", image: "r/c/job:${env:TAG}" },
    ]);
  });
});
