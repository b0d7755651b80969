import { Buffer } from "node:buffer";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { digestOf } from "@sc/model";
import { HashThread } from "./hash-thread.ts";
import { WorkerGone } from "./worker-pool.ts";

const algorithms = { stored: "sha256", content: "sha512" } as const;

/** A thread that does something first, then what it is told to. */
function startAfter(first: string): (script: string, workerData: unknown) => Worker {
  return (script, workerData) => new Worker(`${first}\n${script}`, { eval: true, workerData });
}

const pieces = Array.from({ length: 60 }, (_, at) => Buffer.alloc((at * 79_199) % 700_000, `piece ${at}`));

test("digests of bytes that are copied and of bytes that lie in the ring are those of one thread (OCI-6)", async () => {
  await using thread = new HashThread(algorithms);
  const inPlace: Buffer[] = [];
  for (const piece of pieces) {
    await thread.stored.update(piece);
    const slot = thread.nextOutput();
    const bytes = piece.copy(slot);
    inPlace.push(Buffer.from(slot.subarray(0, bytes)));
    await thread.content?.update(slot.subarray(0, bytes));
  }
  expect(await thread.stored.finish()).toBe(digestOf(Buffer.concat(pieces)));
  expect(await thread.content?.finish()).toBe(digestOf(Buffer.concat(inPlace), "sha512"));
});

test("bytes may be written over once they were added", async () => {
  await using thread = new HashThread({ stored: "sha256", content: undefined });
  expect(thread.content).toBeUndefined();
  const room = Buffer.alloc(600_000);
  for (let at = 0; at < 30; at++) await thread.stored.update(room.fill(at));
  const wanted = Buffer.concat(Array.from({ length: 30 }, (_, at) => Buffer.alloc(600_000, at)));
  expect(await thread.stored.finish()).toBe(digestOf(wanted));
});

test("a slot that is filled out of turn is refused", async () => {
  await using thread = new HashThread(algorithms);
  const slot = thread.nextOutput();
  await thread.stored.update(Buffer.from("takes the slot"));
  await expect(thread.content?.update(slot)).rejects.toThrow("out of turn");
});

test.each([
  ["cannot be started", undefined, /not allowed/],
  ["throws", "throw new Error('no room');", /no room/],
  ["ends", "process.exit(7);", /ended with code 7/],
])("whoever waits for a thread that %s is told so", async (_, how, message) => {
  const add = async (): Promise<void> => {
    const start = how === undefined ? refuse : startAfter(how);
    await using thread = new HashThread(algorithms, start);
    for (const piece of pieces) await thread.stored.update(piece);
  };
  const failure: unknown = await add().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(WorkerGone);
  expect(String(failure)).toMatch(message);
});

function refuse(): never {
  throw new Error("not allowed");
}

test("whoever waits for a digest of a thread that ends is told so", async () => {
  const ending = "const { Hash } = require('node:crypto'); Hash.prototype.digest = () => process.exit(3);";
  await using thread = new HashThread(algorithms, startAfter(ending));
  await thread.stored.update(Buffer.from("a little"));
  await expect(thread.stored.finish()).rejects.toThrow("code 3");
});

test("a thread that was asked to end before it had begun, or with its ring full, ends", async () => {
  for (const count of [0, 1, pieces.length]) {
    const threads: Worker[] = [];
    {
      await using thread = new HashThread(algorithms, (script, workerData) => {
        const worker = new Worker(script, { eval: true, workerData });
        threads.push(worker);
        return worker;
      });
      for (const piece of pieces.slice(0, count)) await thread.stored.update(piece);
    }
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1]);
  }
});
