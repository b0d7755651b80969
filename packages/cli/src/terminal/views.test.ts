import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
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

  test("cuts nothing off a line that is longer than a terminal: a log has no width", () => {
    const lines: string[] = [];
    using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose: false, several: true });
    const detail = "4 vulnerabilities, database 2026-11-22, from cache, and what else there is to say";
    view.show({ type: "stage", subject: "api:1.4.2", stage: "match", state: "done", milliseconds: 100, detail });
    expect(lines).toEqual([`[api:1.4.2] match      ${detail}  0.1 s\n`]);
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
    view.show({ type: "stage", subject: "web", stage: "sign", state: "done", milliseconds: 100, detail: "with a key" });
    expect(lines.map((line) => line.trimEnd())).toEqual([
      expect.stringMatching(/^\[web\] sign       with a key +0\.1 s$/),
    ]);
  });

  test("names every image by its last part from the first line on, and by all of it where two end alike", () => {
    const lines: string[] = [];
    using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose: false, several: true });
    for (const subject of ["ghcr.io/a/api:1", "ghcr.io/b/api:1", "ghcr.io/a/web:1", "oci-layout:job"]) {
      view.show({ type: "stage", subject, stage: "sign", state: "done", milliseconds: 0, detail: "x" });
    }
    expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(["[api:1]", "[ghcr.io/b/api:1]", "[web:1]", "[job]"]);
  });

  test("leaves out the parts of a stage, but for those who ask for details", () => {
    for (const verbose of [false, true]) {
      const lines: string[] = [];
      using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose });
      view.show({ type: "stage", subject: "r", stage: "store-tag", state: "done", detail: "sha256:1" });
      view.show({
        type: "stage",
        subject: "r:1",
        stage: "sign",
        state: "done",
        milliseconds: 1,
        detail: "tag written",
      });
      expect(lines.length).toBe(verbose ? 2 : 1);
    }
  });

  test("counts for an image only what is on its way for it", () => {
    const lines: string[] = [];
    using view = createPlainView({ write: (text) => lines.push(text) }, style, { verbose: false, several: true });
    const other = `sha256:${"b".repeat(64)}` as const;
    for (const subject of ["a:1", "b@sha256:2"]) {
      view.show({ type: "stage", subject, stage: "inventory", state: "start" });
    }
    view.show({ type: "blob", action: "fetch", subject: "a", digest, doneBytes: 1e6, totalBytes: 4e6 });
    view.show({ type: "blob", action: "fetch", subject: "b", digest: other, doneBytes: 2e6, totalBytes: 8e6 });
    view.show({
      type: "stage",
      subject: "b@sha256:2",
      stage: "inventory",
      state: "done",
      milliseconds: 1,
      detail: "x",
    });
    vi.advanceTimersByTime(30_000);
    expect(lines.at(-1)).toMatch(/^\[a:1\] inventory  still running, 1\.0 MB of 4\.0 MB +30\.0 s\n$/);
  });
});

describe("progress on a terminal", () => {
  test("breaks a notice that is longer than the terminal, since nothing wraps it while the region is redrawn", () => {
    const stream = terminal();
    const narrow = createStyle({ color: false, unicode: true, columns: 40 });
    const view = createBarsView(stream, { style: narrow, redact: (text) => text });
    const message = "provenance: made on no known build platform, which is level 1 at most";
    view.show({ type: "notice", level: "warning", code: "PROVENANCE_LOCAL", message });
    vi.advanceTimersByTime(200);
    view[Symbol.dispose]();
    const lines = stripVTControlCharacters(stream.written).split(/[\r\n]+/);
    for (const line of lines) expect(line.length).toBeLessThan(40);
    expect(lines.map((line) => line.trim()).join(" ")).toContain(message);
  });

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

  test("says from the beginning how much is to come, and counts neither what is known nor what is told again", () => {
    const stream = terminal();
    using view = createBarsView(stream, { style, redact: (text) => text });
    const [b, c] = [`sha256:${"b".repeat(64)}` as const, `sha256:${"c".repeat(64)}` as const];
    const tell = (blob: `sha256:${string}`, doneBytes: number, totalBytes: number): void =>
      view.show({ type: "blob", action: "fetch", subject: "a", digest: blob, doneBytes, totalBytes });
    view.show({ type: "stage", subject: "a:1", stage: "inventory", state: "start" });
    for (const blob of [digest, b, c]) tell(blob, 0, 1e8);
    tell(digest, 5e7, 1e8);
    vi.advanceTimersByTime(200);
    expect(stream.written).toContain("50.0 MB of 300 MB · 0/3 layers");
    expect(stream.written).not.toContain(b.slice(0, 19));
    tell(c, 0, 0);
    tell(digest, 0, 1e8);
    vi.advanceTimersByTime(200);
    expect(stream.written).toContain("50.0 MB of 200 MB · 0/2 layers");
    expect(stream.written).not.toMatch(/ 0 B of /);
    view.show({ type: "blob", action: "push", subject: "b", digest, doneBytes: 1e6, totalBytes: 1e8 });
    vi.advanceTimersByTime(200);
    expect(stream.written).toContain("51.0 MB of 300 MB · 0/3 blobs");
  });

  test("counts a layer that two images share once, and goes on with it when one of them is done", () => {
    const stream = terminal();
    using view = createBarsView(stream, { style, redact: (text) => text });
    const own = `sha256:${"b".repeat(64)}` as const;
    for (const subject of ["r/api:1", "r/web:1"])
      view.show({ type: "stage", subject, stage: "inventory", state: "start" });
    for (const subject of ["r/api:1", "r/web:1"]) {
      view.show({
        type: "blob",
        action: "fetch",
        subject: subject.slice(0, -2),
        digest,
        doneBytes: 3e7,
        totalBytes: 1e8,
      });
    }
    view.show({ type: "blob", action: "fetch", subject: "r/web", digest: own, doneBytes: 1e6, totalBytes: 5e7 });
    vi.advanceTimersByTime(200);
    expect(stream.written).toContain("31.0 MB of 150 MB · 0/2 layers");
    expect(stream.written).not.toContain("250 MB");
    view.show({
      type: "stage",
      subject: "r/api:1",
      stage: "inventory",
      state: "done",
      milliseconds: 1,
      detail: "2 packages",
    });
    const before = stream.written.length;
    vi.advanceTimersByTime(200);
    expect(stream.written.slice(before)).toContain("31.0 MB of 150 MB · 0/2 layers");
    expect(stream.written.slice(before)).toContain(own.slice(0, 19));
    expect(stream.written).toContain("inventory  2 packages");
  });
});
