import { Interrupted } from "@sc/cli";
import { digestOf } from "@sc/model";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Ran, runCli, type RunOptions } from "./run-cli.ts";

// Half a megabyte that gzip makes no smaller, of which the registry gives a part and then falls silent.
const noise = Buffer.concat(
  Array.from({ length: 16_384 }, (_, index) => Buffer.from(digestOf(String(index)).slice("sha256:".length), "hex")),
);
const layer = buildLayer([{ path: "noise", content: noise }]);
const image = buildImage({ layers: [layer] });

afterEach(() => void vi.useRealTimers());

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Runs while a layer is on its way, lets so much time pass on the clock of the progress alone, and interrupts. */
async function whileSilent(options: RunOptions, milliseconds: number): Promise<Ran> {
  await using registry = await startRegistry();
  const reference = pushImage(registry, "acme/api:1", image);
  const path = new RegExp(layer.descriptor.digest);
  registry.inject({ path, effect: { type: "stall", afterBytes: 300_000 } });
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const interruption = new AbortController();
  const running = runCli(["sbom", "generate", reference, "--no-cache"], { ...options, signal: interruption.signal });
  while (!registry.requests.some(({ target }) => path.test(target))) await turns(1);
  await turns(500);
  await vi.advanceTimersByTimeAsync(milliseconds);
  interruption.abort(new Interrupted());
  return await running;
}

describe("while a layer is on its way (ux.md 1.2)", () => {
  test("a terminal shows a bar of bytes, layers and rate on standard error, and nothing on standard output", async () => {
    const ran = await whileSilent({ terminal: true, variables: { LANG: "C" } }, 1000);
    expect(ran.exitCode).toBe(130);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toContain("\u001b[");
    expect(ran.stderr).toMatch(/\d+ kB of 52\d kB - 0\/1 layers/);
  });

  test.each([
    ["a pipe", {}],
    ["a CI job with a terminal", { terminal: true, variables: { CI: "true", NO_COLOR: "1" } }],
  ])("%s gets a line every half minute and no escape", async (_, options) => {
    const ran = await whileSilent(options, 95_000);
    const beats = ran.stderr.split("\n").filter((line) => line.includes("still running"));
    expect(beats).toHaveLength(3);
    for (const beat of beats) expect(beat).toMatch(/^inventory +still running, \d+ kB of 52\d kB/);
    for (const sign of ["\u001b", "\r"]) expect(ran.stdout + ran.stderr).not.toContain(sign);
    expect(ran.stdout).toBe("");
  });
});
