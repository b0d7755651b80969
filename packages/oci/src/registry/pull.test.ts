import { hasCode } from "@sc/model";
import { startRegistry } from "@sc/testing";
import { expect, test } from "vitest";
import { openRegistry } from "./repository.ts";

const manifestType = "application/vnd.oci.image.manifest.v1+json";

test("an image is pulled by tag: manifest and blobs, verified", async () => {
  await using server = await startRegistry();
  const blob = server.putBlob("app", Buffer.from("layer"));
  const bytes = JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: blob, layers: [blob] });
  server.putManifest("app", { bytes, mediaType: manifestType, tag: "v1" });
  await using repository = openRegistry({ registry: server.host, repository: "app" });
  const resolved = await repository.resolve("v1");
  const manifest = await repository.fetchManifest("v1");
  expect(manifest?.descriptor).toEqual(resolved);
  expect(Buffer.from(manifest?.bytes ?? []).toString()).toBe(bytes);
  expect(Buffer.from(await repository.fetchBlob(blob, { maxBytes: 10 })).toString()).toBe("layer");
  expect(await repository.resolve("v2")).toBeUndefined();
  expect(server.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
    "HEAD 200",
    "GET 200",
    "GET 200",
    "HEAD 404",
  ]);
});

test("a blob whose content was changed ends in DIGEST_MISMATCH and is never whole in anybody's hands (OCI-6)", async () => {
  await using server = await startRegistry();
  const blob = server.putBlob("app", Buffer.alloc(300_000, 7));
  server.inject({ path: /blobs/, effect: { type: "corrupt", atByte: 5 } });
  await using repository = openRegistry({ registry: server.host, repository: "app" });
  let got = 0;
  const reading = (async () => {
    for await (const chunk of await repository.openBlob(blob)) got += chunk.byteLength;
  })();
  await expect(reading).rejects.toSatisfy((error) => hasCode(error, "DIGEST_MISMATCH"));
  expect(got).toBeLessThan(300_000);
});
