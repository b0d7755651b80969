import { digestOf, hasCode, referrersTag } from "@sc/model";
import { startRegistry, type TestRegistry } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { mediaTypes } from "../media-type.ts";
import type { ImageDestination } from "../source.ts";
import { openRegistry } from "./repository.ts";

const clock = { now: () => 0, random: () => 0.5, sleep: async () => {} };
const open = (server: TestRegistry): ImageDestination =>
  openRegistry({ registry: server.host, repository: "app" }, { clock, http: { clock } });

const subject = digestOf("an image");

/** An index of one entry, again and again. */
function listOf(count: number): string {
  const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf("x"), size: 1 };
  const manifests = Array.from({ length: count }, () => entry);
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
}

async function outcome(server: TestRegistry): Promise<string> {
  await using repository = open(server);
  try {
    return `${(await repository.listReferrers(subject)).length} listed`;
  } catch (error) {
    if (hasCode(error, "REFERRERS_INVALID")) return "refused";
    throw error;
  }
}

const bound: readonly (readonly [number, string])[] = [
  [10_000, "1 listed"],
  [10_001, "refused"],
];

describe("what a registry lists for a subject is bounded (cosign CVE-2023-46737)", () => {
  test.each(bound)("%i entries of the API: %s", async (count, wanted) => {
    await using server = await startRegistry();
    const headers = { "content-type": mediaTypes.ociIndex };
    server.inject({ path: /referrers/, effect: { type: "status", status: 200, headers, body: listOf(count) } });
    expect(await outcome(server)).toBe(wanted);
  });

  test.each(bound)("%i entries of the fallback tag: %s", async (count, wanted) => {
    await using server = await startRegistry({ referrers: 404 });
    const list = { bytes: listOf(count), mediaType: mediaTypes.ociIndex, tag: referrersTag(subject) };
    server.putManifest("app", list);
    expect(await outcome(server)).toBe(wanted);
  });
});
