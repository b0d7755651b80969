import { expect, test } from "vitest";
import { ClosingStack } from "./closing-stack.ts";

function opened(name: string, closed: string[]): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      closed.push(name);
      if (name === "broken") throw new Error("cannot be closed");
    },
  };
}

test("everything is closed once, the last first, also where one cannot be", async () => {
  const closed: string[] = [];
  const stack = new ClosingStack();
  for (const name of ["a", "broken", "c"]) stack.use(opened(name, closed));
  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow("cannot be closed");
  expect(closed).toEqual(["c", "broken", "a"]);
  await stack[Symbol.asyncDispose]();
  expect(closed).toHaveLength(3);
});

test("what was handed over is closed by whoever has it", async () => {
  const closed: string[] = [];
  const stack = new ClosingStack();
  const one = stack.use(opened("a", closed));
  expect(one).toBeDefined();
  const kept = stack.move();
  await stack[Symbol.asyncDispose]();
  expect(closed).toEqual([]);
  await kept[Symbol.asyncDispose]();
  expect(closed).toEqual(["a"]);
});
