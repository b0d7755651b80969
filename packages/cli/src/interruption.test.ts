import { expect, test } from "vitest";
import { Interrupted, untilAborted } from "./interruption.ts";

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
