import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { commands } from "@sc/cli";
import { pushImage, startRegistry, type TestRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanImage, createProject, criticalImage, type Project } from "./acceptance-project.ts";
import { serveFolder } from "./database-mirror.ts";
import { frozenLines } from "./frozen-lines.ts";
import type { Ran } from "./run-cli.ts";

let project: Project;
let registry: TestRegistry;
let mirror: Awaited<ReturnType<typeof serveFolder>>;

/** What each command is asked for, so that it succeeds, one after the other in one folder; `@` begins a file there. */
const asked: readonly (readonly [command: string, words: string])[] = [
  ["key generate", "--output-key-prefix @made"],
  ["key public", "--key @cosign.key"],
  ["key import", "--key @plain.pem --output-key-prefix @imported"],
  ["ci detect", ""],
  ["config check", "--config @sc.yaml"],
  ["config show", "--config @sc.yaml --origin"],
  ["config schema", ""],
  ["completion", "bash"],
  ["help", "secure"],
  ["version", ""],
  ["db status", "--db @db"],
  ["db build", "--from VECTORS --db @built"],
  ["db export", "@advisories.tar --db @built --key @plain.pem"],
  ["db export", "@mirror --db @built --key @plain.pem"],
  ["db import", "@advisories.tar --db @carried --key @plain.pub"],
  ["db push", "HOST/acme/advisories:1 --db @built --key @plain.pem"],
  ["db pull", "HOST/acme/advisories:1 --db @pulled --key @plain.pub"],
  ["db update", "--mirror MIRROR --db @updated --key @plain.pub"],
  ["image inspect", "WEB"],
  ["image scan", "WEB --db @db"],
  ["image sign", "WEB --key @plain.pem -a env=production"],
  ["image verify", "WEB --key @plain.pub --db @db"],
  ["sbom generate", "WEB --format cyclonedx-json=@web.cdx.json"],
  ["sbom attach", "--image WEB --sbom @web.cdx.json --key @plain.pem"],
  ["sbom verify", "WEB --key @plain.pub --output @verified.json"],
  ["sbom convert", "@web.cdx.json --format spdx-json=@web.spdx.json"],
  ["sbom lint", "@web.cdx.json"],
  ["sbom diff", "@web.cdx.json @web.spdx.json"],
  ["sbom query", "@web.cdx.json"],
  ["sbom licenses", "@web.cdx.json"],
  ["provenance generate", "WEB --source-root @ --output @provenance.json"],
  ["provenance attach", "WEB --source-root @ --key @plain.pem"],
  [
    "provenance verify",
    "WEB --key @plain.pub --expected-source-uri github.com/acme/shop --expected-builder-id urn:sc:builder:local --vsa @vsa.json --verifier-id https://acme.example/verifier",
  ],
  ["attest", "WEB --type vsa --predicate @vsa.json --key @plain.pem"],
  ["verify-attestation", "WEB --type vsa --key @plain.pub"],
  ["vsa verify", "WEB --key @plain.pub --verifier-id https://acme.example/verifier"],
  ["blob sign", "@sc.yaml --key @plain.pem --bundle @blob.json"],
  ["blob verify", "@sc.yaml --key @plain.pub --bundle @blob.json"],
  ["image tree", "WEB"],
  ["image download", "attestation WEB"],
  ["image copy", "WEB oci-layout:@layout"],
  ["image clean", "WEB --yes"],
  ["secure", "WEB HOST/acme/api:1 --config @sc.yaml --db @db --html-output @run.html"],
  ["stack scan", "-s shop -e production --project @ --db @db"],
  ["stack sbom", "-s shop -e production --project @ --db @db"],
  ["stack sign", "-s shop -e production --project @ --db @db"],
  ["release create", "-s shop -e production --version 1.0.0 --yes --project @ --db @db"],
];

/** Those that write a document which is somebody else's, and has no frame of ours. */
const foreign = new Set(["config schema"]);

/** Documents that a published schema describes whole: `published-schemas.test.ts` holds those. */
const described = /^urn:sc:(?:scan-report|secure|release-create|stack-[a-z]+):1$/;

beforeAll(async () => {
  [project, registry] = await Promise.all([createProject(), startRegistry()]);
  const at = (name: string): string => join(project.directory, name);
  mirror = await serveFolder(at("mirror"));
  const web = pushImage(registry, "acme/web:1", cleanImage("web"));
  pushImage(registry, "acme/api:1", criticalImage);
  const security = `security: {enabled: true, scan: {enabled: true}, sbom: {enabled: true}, provenance: {enabled: true}, signing: {enabled: true, privateKey: ${project.directory}/plain.pem}}`;
  project.write("sc.yaml", security);
  project.write(
    ".sc/stacks/shop/client.yaml",
    `schemaVersion: 1.0\nstacks: {production: {config: {images: ['${web}']}}}\n${security}\n`,
  );
  mkdirSync(at("mirror"));
  // Not encrypted: two dozen signatures are not to wait for two dozen derivations of the same key.
  const plain = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out"];
  execFileSync("openssl", [...plain, at("plain.pem")], { stdio: "ignore" });
  execFileSync("openssl", ["pkey", "-pubout", "-in", at("plain.pem"), "-out", at("plain.pub")]);
  const git = ["-C", project.directory, "-c", "user.name=a", "-c", "user.email=a@b"];
  execFileSync("git", ["init", "-q", project.directory]);
  execFileSync("git", [...git, "remote", "add", "origin", "https://github.com/acme/shop"]);
  execFileSync("git", [...git, "commit", "-q", "--allow-empty", "-m", "one"]);
});
afterAll(async () => {
  await mirror[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

async function run(command: string, words: string): Promise<Ran> {
  const vectors = join(import.meta.dirname, "../vectors/advisories");
  const filled = words
    .split(" ")
    .filter(Boolean)
    .map((word) =>
      word
        .replace("@", `${project.directory}/`)
        .replace("MIRROR", mirror.origin)
        .replace("WEB", `${registry.host}/acme/web:1`)
        .replace("HOST", registry.host)
        .replace("VECTORS", vectors),
    );
  return await project.sc([...command.split(" "), "--json", ...filled], { GIT_COMMITTER_NAME: "Ada" });
}

/** The members of a document, a line each: where, and of which kind. */
function* membersOf(value: unknown, path: string): Generator<string> {
  const kind = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  yield `${path} is ${kind}`;
  if (Array.isArray(value)) for (const one of value) yield* membersOf(one, `${path}[]`);
  else if (typeof value === "object" && value !== null) {
    for (const [name, member] of Object.entries(value)) yield* membersOf(member, `${path}.${name}`);
  }
}

describe("JSON on standard output (section 6)", () => {
  test("every command is asked here", () => {
    const named = commands.map(({ path }) => path.join(" "));
    expect([...new Set(asked.map(([command]) => command))].toSorted()).toEqual(named.toSorted());
  });

  test(
    "of a command that succeeded begins with schema, version and outcome, and has the members it had before",
    { timeout: 60_000 },
    async () => {
      const lines: string[] = [];
      for (const [command, words] of asked) {
        const ran = await run(command, words);
        expect(ran.exitCode, `sc ${command}: ${ran.stderr}`).toBe(0);
        const document: Record<string, unknown> = JSON.parse(ran.stdout);
        if (foreign.has(command)) continue;
        expect(Object.keys(document).slice(0, 3), command).toEqual(["schema", "sc", "outcome"]);
        expect(document["outcome"], command).toBe("pass");
        if (!described.test(String(document["schema"]))) lines.push(...membersOf(document, command));
      }
      frozenLines("json/commands.txt", [...new Set(lines)].toSorted());
    },
  );
});
