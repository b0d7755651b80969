import { hasCode } from "@sc/model";
import { expect, it } from "vitest";
import { collect } from "./verified.ts";

async function* enough(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(30);
}

it("a stream that is read whole is read up to its bound, and not a chunk further (OCI-6)", async () => {
  let given = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1;
      yield new Uint8Array(10);
    }
  }
  const options = { maxBytes: 30, where: "test" };
  await expect(collect(endless(), options)).rejects.toSatisfy((error) => hasCode(error, "BLOB_TOO_LARGE"));
  expect(given).toBe(4);
  expect(await collect(enough(), options)).toHaveLength(30);
});
