import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { takeInventory } from "@sc/sbom";
import { buildLayer, type LayerEntry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { layerSource } from "./folder-layer.ts";

/** Where Debian's packages put what Maven resolves offline. */
const repository = "/usr/share/maven-repo";

/** The one version that Debian has of an artifact, beside the aliases that stand for it in old projects. */
function versionOf(group: string, artifact: string): string | undefined {
  const folder = join(repository, group.replaceAll(".", "/"), artifact);
  if (!existsSync(folder)) return undefined;
  const versions = readdirSync(folder).filter((version) =>
    existsSync(join(folder, version, `${artifact}-${version}.jar`)),
  );
  return versions
    .filter((version) => version !== "debian")
    .toSorted((left, right) => left.localeCompare(right, "en", { numeric: true }))
    .at(-1);
}

const plugins = ["resources", "jar", "dependency", "shade"].map((name) => `maven-${name}-plugin`);
const wanted = [
  ...plugins.map((plugin) => ["org.apache.maven.plugins", plugin] as const),
  ["commons-io", "commons-io"],
  ["org.apache.commons", "commons-lang3"],
  ["commons-cli", "commons-cli"],
  ["junit", "junit"],
] as const;

/** What is missing to build a project with Maven and no network; nothing, where it can be done. */
function missing(): readonly string[] {
  const hasMaven = (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, "mvn")));
  const lacking = wanted.filter(([group, artifact]) => versionOf(group, artifact) === undefined);
  return [...(hasMaven ? [] : ["mvn"]), ...lacking.map(([, artifact]) => artifact)];
}

const lacking = missing();
if (lacking.length > 0)
  process.stderr.write(`${lacking.join(", ")} absent: no jar that Maven builds is compared with its dependency list\n`);

interface Dependency {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
  readonly scope?: string;
}

const distributed = (group: string, artifact: string): Dependency => ({
  group,
  artifact,
  version: versionOf(group, artifact) ?? "",
});
const own = (artifact: string, version: string): Dependency => ({ group: "com.example", artifact, version });

/** Three modules of one build, libraries of others, and one that is there only to compile against. */
const modules: readonly (readonly [Dependency, readonly Dependency[]])[] = [
  [own("leaf", "1.0"), []],
  [own("middle", "2.0-beta-1"), [own("leaf", "1.0"), distributed("commons-io", "commons-io")]],
  [
    own("app", "3.1"),
    [
      own("middle", "2.0-beta-1"),
      distributed("org.apache.commons", "commons-lang3"),
      { ...distributed("commons-cli", "commons-cli"), scope: "provided" },
    ],
  ],
];

function project(inner: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>${inner}</project>`;
}

function coordinates({ group, artifact, version }: Dependency): string {
  return `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`;
}

function dependencyElement(one: Dependency): string {
  const scope = one.scope === undefined ? "" : `<scope>${one.scope}</scope>`;
  return `<dependency>${coordinates(one)}${scope}</dependency>`;
}

let folder = "";
let listed: readonly string[] = [];

async function build(): Promise<void> {
  const parent = coordinates(own("parent", "1"));
  const names = modules.map(([{ artifact }]) => `<module>${artifact}</module>`).join("");
  writeFileSync(join(folder, "pom.xml"), project(`${parent}<packaging>pom</packaging><modules>${names}</modules>`));
  for (const [one, dependencies] of modules) {
    const resources = join(folder, one.artifact, "src/main/resources");
    mkdirSync(resources, { recursive: true });
    writeFileSync(join(resources, `${one.artifact}.txt`), one.artifact);
    const elements = dependencies.map(dependencyElement).join("");
    const inner = `<parent>${parent}</parent>${coordinates(one)}<dependencies>${elements}</dependencies>`;
    writeFileSync(join(folder, one.artifact, "pom.xml"), project(inner));
  }
  const goals = [
    ["resources", "resources"],
    ["jar", "jar"],
    ["dependency", "list"],
    ["dependency", "copy-dependencies"],
    ["shade", "shade"],
  ].map(([name, goal]) => {
    const plugin = `maven-${name}-plugin`;
    return `org.apache.maven.plugins:${plugin}:${versionOf("org.apache.maven.plugins", plugin)}:${goal}`;
  });
  const options = [
    "-o",
    "-B",
    "-q",
    `-Dmaven.repo.local=${repository}`,
    "-DincludeScope=runtime",
    "-DoutputFile=target/list.txt",
  ];
  await promisify(execFile)("mvn", [...options, ...goals], {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder },
  });
  const list = readFileSync(join(folder, "app/target/list.txt"), "utf8");
  listed = [...list.matchAll(/^ +([\w.-]+):([\w.-]+):jar:([\w.-]+):(?:compile|runtime)\b/gm)].map(
    ([, group, artifact, version]) => `${group}:${artifact}:${version}`,
  );
}

/** Group, artifact and version of each Java package in an image of these files. */
async function found(files: readonly string[]): Promise<readonly string[]> {
  const entries = files.map((file): LayerEntry => ({ path: `srv/${file}`, content: readFileSync(join(folder, file)) }));
  const layers = [layerSource(buildLayer(entries))];
  const { packages, problems } = await takeInventory({ subject: { type: "image", name: "maven" }, layers });
  expect(problems).toEqual([]);
  expect(packages.filter(({ type }) => type !== "maven")).toEqual([]);
  // A library is in the shaded jar of the module that needs it as well.
  const names = packages.map(({ purl }) => {
    const [, group, artifact, version] = /^pkg:maven\/([^/]+)\/([^@]+)@([^?#]+)/.exec(purl) ?? [];
    return `${group}:${artifact}:${version}`;
  });
  return [...new Set(names)].toSorted();
}

/** The libraries that the application runs with, as Maven copied them beside it. */
function libraries(): readonly string[] {
  return readdirSync(join(folder, "app/target/dependency")).map((name) => `app/target/dependency/${name}`);
}

describe.skipIf(lacking.length > 0)("what Maven builds", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sc-maven-"));
    await build();
  }, 240_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const application = "com.example:app:3.1";

  test("its dependency list has the modules, and the libraries that they need while running", () => {
    expect(listed).toHaveLength(4);
    expect(listed).toEqual(expect.arrayContaining(["com.example:leaf:1.0", "com.example:middle:2.0-beta-1"]));
  });

  test("in one shaded jar is the application and its dependency list (SBOM-2, SBOM-3)", async () => {
    expect(await found(["app/target/app-3.1.jar"])).toEqual([application, ...listed].toSorted());
  });

  test("in a jar beside its libraries is the application and its dependency list (SBOM-2, SBOM-3)", async () => {
    expect(await found(["app/target/original-app-3.1.jar", ...libraries()])).toEqual(
      [application, ...listed].toSorted(),
    );
  });

  test("without one library is the list without it", async () => {
    const rest = libraries().filter((name) => !name.includes("commons-lang3"));
    const got = await found(["app/target/original-app-3.1.jar", ...rest]);
    const dropped = [application, ...listed].filter((one) => !got.includes(one));
    expect(dropped).toEqual([expect.stringMatching(/^org\.apache\.commons:commons-lang3:/)]);
  });
});
