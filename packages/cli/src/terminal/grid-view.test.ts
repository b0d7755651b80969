import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import type { StageProgress } from "@sc/model";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGridView } from "./grid-view.ts";
import { createStyle } from "./style.ts";

const toFake = ["setInterval", "clearInterval", "performance"] as const;
beforeEach(() => void vi.useFakeTimers({ toFake: [...toFake] }));
afterEach(() => void vi.useRealTimers());

/** A terminal that remembers every frame that was drawn. */
function terminal(columns: number, rows = 24): { readonly stream: Writable; readonly frames: string[] } {
  const frames: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      frames.push(chunk.toString());
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY: true, columns, rows }), frames };
}

const last = (frames: readonly string[]): readonly string[] =>
  stripVTControlCharacters(frames.at(-1) ?? "")
    .replaceAll("\r", "")
    .split("\n")
    .filter((line) => line !== "");

function grid(columns: number, images: readonly string[], rows = 24) {
  const { stream, frames } = terminal(columns, rows);
  const style = createStyle({ color: false, unicode: true, columns });
  const view = createGridView(stream, { style, redact: (text) => text.replaceAll("hunter2", "***"), images });
  const tell = (subject: string, stage: string, state: StageProgress["state"], detail?: string): void =>
    view.show({
      type: "stage",
      subject,
      stage,
      state,
      ...(detail === undefined ? {} : { detail }),
      ...(state === "start" || stage === "secure" ? {} : { milliseconds: 1200 }),
    });
  return { view, frames, tell };
}

describe("the grid of several images", () => {
  const images = ["r/api:1", "r/web:1", "oci-layout:job", "r/cron:1"];

  test("has a row for each image from the beginning, a column for each stage, and stays when the work is done", () => {
    const { view, frames, tell } = grid(80, images);
    vi.advanceTimersByTime(100);
    expect(last(frames)).toEqual(["api:1", "web:1", "job", "cron:1", "0 of 4 done · 0.1 s"]);
    tell("r/api:1", "resolve", "start");
    tell("r/api:1", "resolve", "done", "sha256:1 linux/amd64");
    tell("r/api:1", "inventory", "done", "1,032 packages (deb 1,032)");
    tell("r/api:1", "match", "done", "8 vulnerabilities");
    tell("r/api:1", "secure", "failed", "stopped at scan");
    tell("r/web:1", "resolve", "done", "sha256:2 linux/amd64");
    tell("r/web:1", "inventory", "done", "14 packages, from cache");
    tell("r/web:1", "match", "start");
    tell("oci-layout:job", "secure", "failed", "stopped at open");
    view.show({ type: "blob", action: "fetch", subject: "r/cron", digest: "sha256:3", doneBytes: 61, totalBytes: 100 });
    tell("r/cron:1", "inventory", "start");
    vi.advanceTimersByTime(100);
    expect(last(frames)).toEqual([
      "        RESOLVE  INVENTORY  MATCH",
      "api:1   ✓ 1.2 s  ✓ 1,032    ✗ 1.2 s",
      "web:1   ✓ 1.2 s  ✓ cached   ⠹ 0.1 s",
      "job     ✗        –          –",
      "cron:1  ·        ⠹ 61 %     ·",
      "2 of 4 done · 0.2 s · 61 B read",
    ]);
    tell("r/web:1", "match", "done", "0 vulnerabilities");
    tell("r/web:1", "secure", "done", "2 of 4");
    view[Symbol.dispose]();
    expect(last(frames)).toEqual([
      "        RESOLVE  INVENTORY  MATCH",
      "api:1   ✓ 1.2 s  ✓ 1,032    ✗ 1.2 s",
      "web:1   ✓ 1.2 s  ✓ cached   ✓ 0",
      "job     ✗        –          –",
      "cron:1  –        – 61 %     –",
      "4 of 4 done · 0.2 s · 61 B read",
    ]);
    const { length } = frames;
    view[Symbol.dispose]();
    vi.advanceTimersByTime(5000);
    expect(frames.length).toBe(length);
  });

  test("is never wider than the terminal: where words have no room a sign stands for each", () => {
    const { view, frames, tell } = grid(40, images);
    for (const stage of ["resolve", "inventory", "match", "sign", "attest", "verify"]) {
      tell("r/api:1", stage, "done", "1 thing");
      if (stage !== "verify") tell("r/web:1", stage, stage === "attest" ? "failed" : "done");
    }
    vi.advanceTimersByTime(100);
    expect(last(frames).slice(0, 4)).toEqual([
      "api:1   ✓ ✓ ✓ ✓ ✓ ✓",
      "web:1   ✓ ✓ ✓ ✓ ✗ ·",
      "job     · · · · · ·",
      "cron:1  · · · · · ·",
    ]);
    view[Symbol.dispose]();
  });

  test("shows what is going on where the terminal is too low for all, and all of it at the end", () => {
    const many = Array.from({ length: 40 }, (_, index) => `r/image-${index}:1`);
    const { view, frames, tell } = grid(80, many, 10);
    for (const image of many.slice(0, 20)) {
      tell(image, "resolve", "done", "x");
      tell(image, "secure", "done", "x");
    }
    vi.advanceTimersByTime(100);
    expect(last(frames).length).toBeLessThan(10);
    expect(last(frames)).toEqual(expect.arrayContaining([expect.stringMatching(/^image-20:1/)]));
    expect(last(frames).at(-1)).toMatch(/^20 of 40 done/);
    view[Symbol.dispose]();
    expect(last(frames)).toHaveLength(42);
  });

  test("is drawn at most ten times a second, in place, and a warning stands whole above it, without secrets", () => {
    const { view, frames, tell } = grid(60, images);
    for (let step = 0; step < 100; step += 1) {
      tell("r/api:1", "resolve", "start");
      vi.advanceTimersByTime(10);
    }
    expect(frames.length).toBe(10);
    const escape = String.fromCodePoint(27);
    // A header, four rows and the sum are gone over; nothing is erased that a terminal could keep.
    expect(frames.at(-1)).toContain(`${escape}[6A`);
    expect(frames.join("")).not.toContain(`${escape}[J`);
    const message = `${"a long story ".repeat(8)}hunter2`;
    view.show({ type: "notice", level: "warning", code: "X", message });
    const told = stripVTControlCharacters(frames.at(-2) ?? "").replaceAll(/\s+/g, " ");
    expect(told).toContain(`! ${message.replace("hunter2", "***")}`);
    view[Symbol.dispose]();
  });
});

test("a grid of images that nobody named yet is not drawn, and nothing is left of it", () => {
  const { view, frames } = grid(80, []);
  vi.advanceTimersByTime(1000);
  view[Symbol.dispose]();
  expect(frames).toEqual([]);
});
