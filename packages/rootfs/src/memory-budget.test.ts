import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { MemoryBudget } from "./memory-budget.ts";

// Takes its turn from another thread as a budget there does, says so, and gives it back when it is told to.
const script = `"use strict";
const { parentPort, workerData } = require("node:worker_threads");
const words = new Int32Array(workerData);
Atomics.store(words, 1, 1);
parentPort.on("message", () => {
  Atomics.store(words, 1, 0);
  Atomics.notify(words, 1);
  parentPort.close();
});
parentPort.postMessage("taken");`;

test("what needs much memory waits for the thread that is at such work (SBOM-1)", async () => {
  const budget = new MemoryBudget(1024);
  const worker = new Worker(script, { eval: true, workerData: budget.shared });
  await new Promise((resolve) => worker.once("message", resolve));
  worker.postMessage("give back", []);
  expect(new MemoryBudget(budget.shared).alone(() => "done")).toEqual({ result: "done" });
  await new Promise((resolve) => worker.once("exit", resolve));
});

test("nobody waits twice for a thread that does not come back", () => {
  const budget = new MemoryBudget(1024);
  const other = new MemoryBudget(budget.shared);
  let ran = 0;
  budget.alone(() => {
    expect(other.alone(() => (ran += 1), 1)).toBeUndefined();
    expect(other.alone(() => (ran += 1))).toBeUndefined();
  });
  expect(ran).toBe(0);
  // It came back after all.
  expect(other.alone(() => (ran += 1))).toEqual({ result: 1 });
});

test("the turn is given back by work that fails", () => {
  const budget = new MemoryBudget(1024);
  expect(() =>
    budget.alone(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(budget.alone(() => 7)).toEqual({ result: 7 });
});

test("bytes are of one budget in all threads that share it", () => {
  const budget = new MemoryBudget(10 * 1024);
  const other = new MemoryBudget(budget.shared);
  expect([budget.take(6000), other.take(6000), other.take(4000)]).toEqual([true, false, true]);
  budget.giveBack(6000);
  expect(other.take(6000)).toBe(true);
});
