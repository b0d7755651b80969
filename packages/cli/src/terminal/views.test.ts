import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBarsView } from "./bars-view.ts";
import { createPlainView } from "./plain-view.ts";
import { createStyle } from "./style.ts";

const style = createStyle({ color: false, unicode: true });
const digest = `sha256:${"a".repeat(64)}` as const;

function terminal(): Writable & { written: string; isTTY: true; columns: number } {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      Object.assign(stream, { written: target.written + chunk.toString() });
      done();
    },
  });
  const target = Object.assign(stream, { written: "", isTTY: true as const, columns: 80 });
  return target;
}

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ["setInterval", "clearInterval", "setTimeout", "clearTimeout", "Date", "performance"],
    }),
);
afterEach(() => void vi.useRealTimers());

describe("plain progress", () => {
  test("says one line per finished stage, without carriage return or escape", () => {
    const lines: string[] = [];
    using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose: false });
    view.show({ type: "stage", subject: "a", stage: "inventory", state: "start" });
    view.show({ type: "blob", action: "fetch", subject: "a", digest, doneBytes: 1, totalBytes: 2 });
    view.show({
      type: "stage",
      subject: "a",
      stage: "inventory",
      state: "done",
      milliseconds: 1900,
      detail: "214\u001b[31m packages",
    });
    expect(lines).toEqual([`inventory  214 packages${" ".repeat(80 - 10 - 23)}    1.9 s\n`]);
  });

  test("shows every half minute that a silent stage lives", () => {
    const lines: string[] = [];
    using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose: false });
    view.show({ type: "stage", subject: "a", stage: "inventory", state: "start" });
    view.show({ type: "blob", action: "fetch", subject: "a", digest, doneBytes: 1e6, totalBytes: 4e6 });
    vi.advanceTimersByTime(61_000);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("inventory  still running, 1.0 MB of 4.0 MB");
  });

  test("names the image where there are several", () => {
    const lines: string[] = [];
    using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose: false });
    for (const subject of ["web", "api"]) view.show({ type: "stage", subject, stage: "sign", state: "start" });
    view.show({ type: "stage", subject: "web", stage: "sign", state: "done" });
    expect(lines).toEqual(["[web] sign\n"]);
  });
});

describe("progress on a terminal", () => {
  test("redraws at most ten times a second, shows bytes, layers and rate, and leaves only the stages behind", () => {
    const stream = terminal();
    const view = createBarsView(stream, { style, redact: (text) => text });
    view.show({ type: "stage", subject: "a", stage: "inventory", state: "start" });
    for (let step = 0; step < 100; step += 1) {
      view.show({ type: "blob", action: "fetch", subject: "a", digest, doneBytes: step * 1e6, totalBytes: 1e8 });
      vi.advanceTimersByTime(10);
    }
    expect(stream.written).toContain("0/1 layers");
    expect(stream.written).toMatch(/ of 100 MB · 0\/1 layers · \d+(\.\d)? MB\/s/);
    const frames = stream.written.split("0/1 layers").length - 1;
    expect(frames).toBeLessThanOrEqual(11);
    view.show({
      type: "stage",
      subject: "a",
      stage: "inventory",
      state: "done",
      milliseconds: 1000,
      detail: "2 packages",
    });
    vi.advanceTimersByTime(200);
    view[Symbol.dispose]();
    expect(stream.written).toContain("inventory  2 packages");
    const afterwards = stream.written.length;
    vi.advanceTimersByTime(5000);
    expect(stream.written.length).toBe(afterwards);
  });
});
