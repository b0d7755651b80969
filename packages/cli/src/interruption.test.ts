import { expect, test, vi } from "vitest";
import { Interrupted, untilAborted, untilRemoved } from "./interruption.ts";

test("work that does not stop is abandoned when it is interrupted", async () => {
  const controller = new AbortController();
  const running = untilAborted(controller.signal, new Promise(() => {}));
  controller.abort(new Interrupted());
  await expect(running).rejects.toBeInstanceOf(Interrupted);
  await expect(untilAborted(controller.signal, new Promise(() => {}))).rejects.toBeInstanceOf(Interrupted);
});

test("work that ends by itself is not disturbed", async () => {
  await expect(untilAborted(new AbortController().signal, Promise.resolve(1))).resolves.toBe(1);
});

test("work that was interrupted has the time to remove what it had half written, and no more than that", async () => {
  vi.useFakeTimers();
  try {
    const { promise, reject } = Promise.withResolvers<never>();
    const ended: string[] = [];
    const removing = untilRemoved(promise).then(() => ended.push("removed"));
    const stuck = untilRemoved(new Promise(() => {})).then(() => ended.push("given up"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(ended).toEqual([]);
    reject(new Interrupted());
    await removing;
    expect(ended).toEqual(["removed"]);
    await vi.advanceTimersByTimeAsync(1000);
    await stuck;
    expect(ended).toEqual(["removed", "given up"]);
  } finally {
    vi.useRealTimers();
  }
});
