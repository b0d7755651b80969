import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, pushImage, startRegistry } from "@sc/testing";
import { afterAll, describe, expect, test } from "vitest";
import { badInput, good } from "./bad-input.ts";
import { documentOf, runCli } from "./run-cli.ts";

// The same as in hostile.test.ts by the words of the command line: code, exit code, hint, no file, no secret.

const folder = mkdtempSync(join(tmpdir(), "sc-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const password = "correct-horse-battery";
const secrets = [password, Buffer.from(`ann:${password}`).toString("base64"), "token-", "signature=let-me-in"];

// What is asked again with the clock of the machine, or needs credentials of another shape, is left to the library's tests.
const quick = badInput.filter(
  ({ name, registry, credentials }) =>
    registry === undefined && credentials === undefined && !/again|silent|password/.test(name),
);

describe("an image that cannot be trusted or had, on the command line", () => {
  test("is of many kinds", () => {
    expect(quick.length).toBeGreaterThan(12);
  });

  test.each(quick)("$name ends in $exit as $code, with a hint and without a file (OCI-6)", async (bad) => {
    await using registry = await startRegistry({ auth: { scheme: "basic", users: { ann: password } } });
    const image = buildImage({ layers: [bad.layer ?? good], manifest: bad.manifest ?? {} });
    const reference = pushImage(registry, "app:v1", image);
    if (bad.document !== undefined) {
      registry.putManifest("app", { bytes: bad.document, mediaType: image.descriptor.mediaType, tag: "v1" });
    }
    if (bad.fault !== undefined) registry.inject(bad.fault);
    const output = join(folder, "out", "sbom.json");
    const home = join(folder, "home");
    const asked = ["-v", "sbom", "generate", "-i", reference, "--output", output, "--json"];
    const ran = await runCli([...asked, "--username", "ann", "--password-stdin"], {
      input: `${password}\n`,
      variables: { HOME: home, LANG: "C.UTF-8" },
    });
    expect(documentOf(ran)).toMatchObject({
      outcome: bad.exit === 1 ? "violation" : "error",
      error: { code: bad.code, hint: expect.stringMatching(/^[A-Z]/) },
    });
    expect(ran.exitCode).toBe(bad.exit);
    expect(existsSync(output)).toBe(false);
    expect(existsSync(join(folder, "out")) ? readdirSync(join(folder, "out")) : []).toEqual([]);
    for (const secret of secrets) expect(ran.stdout + ran.stderr).not.toContain(secret);
  });
});
