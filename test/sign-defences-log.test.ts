import { createRekorWitness, signImage, verifyBundle, verifyImage } from "@sc/sign";
import { startServer } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities, changedBundle, type StoredBundle, type StoredEntry, verdictOn } from "./sign-authorities.ts";
import { image, newKey, outcomeOf } from "./sign-support.ts";

let at: Authorities;
beforeAll(async () => {
  at = await Authorities.start();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

function noteOf(entry: StoredEntry): readonly [origin: string, size: string, root: string] {
  const [origin = "", size = "", root = ""] = entry.inclusionProof.checkpoint.envelope.split("\n");
  return [origin, size, root];
}

describe.each([1, 2] as const)("an entry in a log of version %s", (version) => {
  let good: StoredBundle;
  beforeAll(async () => {
    // Some entries before it and behind it, so that its proof has something to prove.
    for (let number = 0; number < 5; number += 1) at.sigstore.logs[`v${version}`].append({ number }, new Date(0));
    good = await at.bundleBy(at.keyless([at.rekor(version), at.timestamps()]));
  });
  const withEntry = (change: (entry: StoredEntry) => void): object =>
    changedBundle(good, ({ verificationMaterial: { tlogEntries } }) => {
      for (const entry of tlogEntries) {
        // The promise of version 1 would do without a proof.
        delete entry["inclusionPromise"];
        change(entry);
      }
    });
  const resigned = (entry: StoredEntry, change: (note: [string, string, string]) => void): void => {
    const note: [string, string, string] = [...noteOf(entry)];
    change(note);
    const envelope = at.sigstore.logs[`v${version}`].checkpointOf(`${note.join("\n")}\n`);
    entry.inclusionProof.checkpoint = { envelope };
  };

  test("is accepted by its proof, or nothing below would mean anything", async () => {
    expect(
      await verdictOn(
        withEntry(() => undefined),
        at.policy(),
      ),
    ).toBe("accepted");
    const signedAgain = withEntry((entry) => resigned(entry, () => undefined));
    expect(await verdictOn(signedAgain, at.policy())).toBe("accepted");
  });

  const cases: readonly (readonly [claim: string, change: (entry: StoredEntry) => void])[] = [
    [
      "the checkpoint of another log with the same key",
      (entry) => resigned(entry, (note) => (note[0] = "other.example")),
    ],
    [
      "a checkpoint of a log whose name only begins so",
      (entry) => resigned(entry, (note) => (note[0] = `${note[0]}.evil`)),
    ],
    ["a checkpoint of a tree of size 0", (entry) => resigned(entry, (note) => (note[1] = "0"))],
    [
      "a proof of a tree of size 0",
      (entry) => {
        entry.inclusionProof.treeSize = "0";
        resigned(entry, (note) => (note[1] = "0"));
      },
    ],
    [
      "a checkpoint of another root",
      (entry) => resigned(entry, (note) => (note[2] = Buffer.alloc(32).toString("base64"))),
    ],
    [
      "a proof whose root is another and a checkpoint that agrees with it",
      (entry) => {
        entry.inclusionProof.rootHash = Buffer.alloc(32).toString("base64");
        resigned(entry, (note) => (note[2] = entry.inclusionProof.rootHash));
      },
    ],
    ["a proof for another index", (entry) => (entry.inclusionProof.logIndex = "0")],
    [
      "a proof for an index beyond the tree",
      (entry) => (entry.inclusionProof.logIndex = entry.inclusionProof.treeSize),
    ],
    ["a negative index", (entry) => (entry.inclusionProof.logIndex = "-1")],
    ["a proof without its hashes", (entry) => (entry.inclusionProof.hashes = [])],
    ["a proof with one hash more", (entry) => entry.inclusionProof.hashes.push(Buffer.alloc(32).toString("base64"))],
    ["a proof with a short hash", (entry) => (entry.inclusionProof.hashes[0] = Buffer.alloc(31).toString("base64"))],
    [
      "a checkpoint signed by nobody known",
      (entry) => {
        const { envelope } = entry.inclusionProof.checkpoint;
        entry.inclusionProof.checkpoint = { envelope: `${envelope.split("\n\n")[0] ?? ""}\n\n\u2014 x AAAAAAAAAAAA\n` };
      },
    ],
    ["a checkpoint without a signature", (entry) => (entry.inclusionProof.checkpoint = { envelope: "x\n1\nAAAA\n" })],
    [
      "the id of the other log",
      (entry) => (entry["logId"] = { keyId: at.sigstore.logs[version === 1 ? "v2" : "v1"].logId.toString("base64") }),
    ],
    ["the id of no log", (entry) => (entry["logId"] = { keyId: Buffer.alloc(32).toString("base64") })],
    ["neither proof nor promise", (entry) => Reflect.deleteProperty(entry, "inclusionProof")],
  ];
  test.each(cases)("with %s is refused", async (_claim, change) => {
    const outcome = await verdictOn(withEntry(change), at.policy());
    expect(["TRANSPARENCY_LOG_INVALID", "BUNDLE_INVALID"]).toContain(outcome);
  });

  // The log takes whatever it is given: what it vouches for must be what was signed (CVE-2022-36056, CVE-2026-22703).
  const relogged = (change: (body: string) => string): object =>
    changedBundle(good, ({ verificationMaterial: { tlogEntries } }) => {
      for (const entry of tlogEntries) {
        const body = Buffer.from(String(entry["canonicalizedBody"]), "base64").toString();
        const changed = change(body);
        expect(changed).not.toBe(body);
        Object.assign(entry, at.sigstore.logs[`v${version}`].append(JSON.parse(changed), at.sigstore.clock));
        delete entry["inclusionPromise"];
      }
    });

  test("that is whole, in the log, and for another signature of the same content is refused", async () => {
    const [signature = ""] = good.dsseEnvelope.signatures.map(({ sig }) => sig);
    const other = await at.bundleBy(at.keyless([at.rekor(version), at.timestamps()]));
    const [another = ""] = other.dsseEnvelope.signatures.map(({ sig }) => sig);
    const outcome = await verdictOn(
      relogged((body) => body.replaceAll(signature, another)),
      at.policy(),
    );
    expect(outcome).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("that is whole, in the log, and for the same signature of other content is refused", async () => {
    const hash = version === 1 ? /("payloadHash":\{[^}]*"value":")[0-9a-f]{64}/ : /("digest":")[A-Za-z0-9+/]{43}=/;
    const none = version === 1 ? "0".repeat(64) : Buffer.alloc(32).toString("base64");
    const outcome = await verdictOn(
      relogged((body) => body.replace(hash, (_, before: string) => `${before}${none}`)),
      at.policy(),
    );
    expect(outcome).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("of a log that the trust root ended before is refused: a shard that is closed vouches for nothing new", async () => {
    const ended = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
    const by = at.policy(({ tlogs }) => {
      for (const log of tlogs) Object.assign(log["publicKey"] ?? {}, { validFor: ended });
    });
    expect(await verdictOn(good, by)).not.toBe("accepted");
  });
});

describe("the promise of a log of version 1", () => {
  test("about another time is refused (CVE-2026-48816)", async () => {
    const good = await at.bundleBy(at.keyless([at.rekor(1)]));
    expect(await verdictOn(good, at.policy())).toBe("accepted");
    const later = Math.floor(at.sigstore.clock.getTime() / 1000) + 60;
    for (const [member, value] of [
      ["integratedTime", String(later)],
      ["logIndex", "77"],
    ] as const) {
      const forged = changedBundle(good, ({ verificationMaterial: { tlogEntries } }) => {
        Object.assign(tlogEntries[0] ?? {}, { [member]: value });
      });
      expect(await verdictOn(forged, at.policy())).toBe("TRANSPARENCY_LOG_INVALID");
    }
  });

  test("is what makes a log's time count: a time that is only claimed is not shown either (CVE-2026-48816)", async () => {
    const good = await at.bundleBy(at.keyless([at.rekor(1), at.timestamps()]));
    const claimed = changedBundle(good, ({ verificationMaterial: { tlogEntries } }) => {
      for (const entry of tlogEntries) {
        delete entry["inclusionPromise"];
        entry["integratedTime"] = "1600000000";
      }
    });
    const bytes = Buffer.from(JSON.stringify(claimed));
    const { facts } = verifyBundle(bytes, { digest: image.digest }, at.policy());
    expect(facts.signedAt).toBe(at.sigstore.clock.toISOString());
  });

  test("under a tag is refused when it is for another signature (CVE-2022-23649)", async () => {
    const stores = [at.newStore(), at.newStore()];
    for (const { store } of stores) await signImage(store, image, at.keyless([at.rekor(1)]), { storage: "tag" });
    const [first, second] = stores.map(({ name }) => {
      const tag = `${image.digest.replace(":", "-")}.sig`;
      const { tags, manifests } = at.registry.repository(name);
      return JSON.parse(Buffer.from(manifests.get(tags.get(tag) ?? "")?.bytes ?? []).toString());
    });
    const name = stores[0]?.name ?? "";
    const store = stores[0]?.store;
    if (store === undefined) throw new TypeError("a store");
    const entry = "dev.sigstore.cosign/bundle";
    first.layers[0].annotations[entry] = second.layers[0].annotations[entry];
    const tag = `${image.digest.replace(":", "-")}.sig`;
    at.registry.putManifest(name, { bytes: JSON.stringify(first), mediaType: first.mediaType, tag });
    const refused = await verifyImage(store, image, { ...at.policy(), storage: "tag" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(refused).toMatchObject({ facts: { reason: "TRANSPARENCY_LOG_INVALID" } });
  });
});

test("an entry that names a key by its URL is refused, and nobody is asked (rekor GHSA-4c4x, GHSA-273p, GHSA-843x)", async () => {
  await using elsewhere = await startServer({
    faults: [],
    answer: () => ({ status: 200, headers: {}, body: Buffer.from("") }),
  });
  const good = await at.bundleBy(at.keyless([at.rekor(1), at.timestamps()]));
  for (const spec of [{ publicKey: { url: elsewhere.origin } }, { data: { url: elsewhere.origin } }, null, {}, []]) {
    const body = { apiVersion: "0.0.1", kind: "hashedrekord", spec };
    const entry = at.sigstore.logs.v1.append(body, at.sigstore.clock);
    const forged = changedBundle(good, ({ verificationMaterial }) => {
      Object.assign(verificationMaterial, { tlogEntries: [entry] });
    });
    expect(["TRANSPARENCY_LOG_INVALID", "BUNDLE_INVALID"]).toContain(await verdictOn(forged, at.policy()));
  }
  expect(elsewhere.requests).toEqual([]);
});

test("a log that sends elsewhere for an entry it has is not followed there (rekor GHSA-4c4x)", async () => {
  await using elsewhere = await startServer({
    faults: [],
    answer: () => ({ status: 200, headers: {}, body: Buffer.from("{}") }),
  });
  const location = `${elsewhere.origin}/api/v1/log/entries/${"a".repeat(64)}`;
  await using log = await startServer({
    faults: [],
    answer: ({ method }) => ({ status: method === "POST" ? 409 : 404, headers: { location }, body: Buffer.from("") }),
  });
  const witness = createRekorWitness({ url: log.origin, client: at.client, version: 1 });
  const key = newKey();
  const signature = await key.signer.sign(Buffer.from("x"));
  expect(await outcomeOf(() => witness.testify({ signedBytes: Buffer.from("x"), signature }))).toBe(
    "SIGNING_SERVICE_REFUSED",
  );
  expect(log.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  expect(elsewhere.requests).toEqual([]);
});
