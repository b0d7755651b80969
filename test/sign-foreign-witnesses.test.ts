import { createKeySigner, createRekorWitness, decodeTrustRoot, type SignatureFacts, verifyBundle } from "@sc/sign";
import { startSigstore, type TestSigstore } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities, changedBundle, type StoredBundle, type TrustedRootJson, verdictOn } from "./sign-authorities.ts";
import { image, newKey } from "./sign-support.ts";

// What authorities that the trust root does not name say, can be added to a bundle and taken from it by anybody.
let ours: Authorities;
let theirs: TestSigstore;
beforeAll(async () => {
  ours = await Authorities.start();
  theirs = await startSigstore({ laterSeconds: 30 });
});
afterAll(async () => {
  await theirs[Symbol.asyncDispose]();
  await ours[Symbol.asyncDispose]();
});

function theirRekor() {
  return createRekorWitness({ url: theirs.origin, client: ours.client, version: 1 });
}

function nameTheirLogs(root: TrustedRootJson): void {
  const other: TrustedRootJson = JSON.parse(Buffer.from(theirs.trustedRoot).toString());
  root.tlogs.push(...other.tlogs);
}

/** The only timestamp of a bundle. */
function timestampOf({ verificationMaterial }: StoredBundle): string {
  const held = JSON.stringify(verificationMaterial["timestampVerificationData"]);
  return /"signedTimestamp":"([^"]+)"/.exec(held)?.[1] ?? "";
}

function withTimestamps(bundle: StoredBundle, timestamps: readonly string[]): StoredBundle {
  return changedBundle(bundle, ({ verificationMaterial }) => {
    const rfc3161Timestamps = timestamps.map((signedTimestamp) => ({ signedTimestamp }));
    verificationMaterial["timestampVerificationData"] = { rfc3161Timestamps };
  });
}

/** A timestamp by an authority of another name, as long as the one of the trust root. */
function renamed(timestamp: string): string {
  const text = Buffer.from(timestamp, "base64").toString("latin1");
  const changed = text.replaceAll("sigstore.mock", "sigstore.else");
  expect(changed).not.toBe(text);
  return Buffer.from(changed, "latin1").toString("base64");
}

function factsOf(bundle: object, by = ours.policy()): SignatureFacts {
  return verifyBundle(Buffer.from(JSON.stringify(bundle)), { digest: image.digest }, by).facts;
}

describe("a timestamp of an authority that the trust root does not name (SIGN-5)", () => {
  let good: StoredBundle;
  let stamp: string;
  let foreign: string;
  beforeAll(async () => {
    good = await ours.bundleBy(ours.keyless([ours.rekor(2), ours.timestamps()]));
    stamp = timestampOf(good);
    foreign = renamed(stamp);
  });

  test("hinders nothing beside a good one, in either order, and proves nothing", async () => {
    for (const timestamps of [
      [stamp, foreign],
      [foreign, stamp],
      [foreign, foreign, stamp],
    ]) {
      const { signedAt, checks } = factsOf(withTimestamps(good, timestamps));
      expect(signedAt).toBe(ours.sigstore.clock.toISOString());
      expect(checks).toContain("timestamp");
    }
    const two = ours.policy(undefined, { minTimestampOperators: 2 });
    expect(await verdictOn(withTimestamps(good, [stamp, foreign]), two)).toBe("TIMESTAMP_INVALID");
  });

  test("alone proves no time, which is said as such", async () => {
    const alone = withTimestamps(good, [foreign]);
    expect(await verdictOn(alone, ours.policy())).toBe("TIMESTAMP_INVALID");
    expect(() => factsOf(alone)).toThrow("nothing proves when it was signed: its witnesses are not in the trust root");
    expect(() => factsOf(withTimestamps(good, []))).toThrow(/nothing proves when it was signed$/);
  });

  test("hinders no signature by key, of which no time is asked, and gives it none", async () => {
    const key = newKey();
    const bundle = await ours.bundleBy(createKeySigner(key.privateKey, { witnesses: [ours.timestamps()] }));
    const { trustRoot } = ours.policy(({ timestampAuthorities }) => timestampAuthorities.splice(0));
    const facts = factsOf(bundle, { keys: [key.publicKey], ...(trustRoot === undefined ? {} : { trustRoot }) });
    expect([facts.signedAt, facts.checks]).toEqual([undefined, ["signature", "subject"]]);
  });
});

describe("a timestamp that names an authority of the trust root (SIGN-5)", () => {
  test("must hold, though another one beside it does", async () => {
    const good = await ours.bundleBy(ours.keyless([ours.rekor(1), ours.timestamps()]));
    const other = await ours.bundleBy(ours.keyless([ours.rekor(1), ours.timestamps()]));
    const stamp = timestampOf(good);
    const ofAnother = timestampOf(other);
    expect(await verdictOn(withTimestamps(good, [stamp]), ours.policy())).toBe("accepted");
    expect(await verdictOn(withTimestamps(good, [stamp, ofAnother]), ours.policy())).toBe("TIMESTAMP_INVALID");
    expect(await verdictOn(withTimestamps(good, [ofAnother]), ours.policy())).toBe("TIMESTAMP_INVALID");
  });

  test("counts only in the time of that authority, though it is not the only one", async () => {
    const good = await ours.bundleBy(ours.keyless([ours.rekor(1), ours.timestamps()]));
    const ended = ours.policy(({ timestampAuthorities }) => {
      for (const one of timestampAuthorities)
        one["validFor"] = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
    });
    expect(await verdictOn(good, ended)).toBe("TIMESTAMP_INVALID");
  });
});

describe("an entry in a log that the trust root does not name (SIGN-5)", () => {
  test("hinders nothing beside one in a log that it names, and counts for nothing", async () => {
    const both = await ours.bundleBy(ours.keyless([ours.rekor(1), theirRekor()]));
    const { logEntries } = factsOf(both);
    expect(logEntries.map(({ kind, kindVersion, logVersion }) => [kind, kindVersion, logVersion])).toEqual([
      ["dsse", "0.0.1", 1],
    ]);
    expect(await verdictOn(both, ours.policy(undefined, { minLogOperators: 2 }))).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("alone is no entry, which is said as such", async () => {
    const alone = await ours.bundleBy(ours.keyless([theirRekor(), ours.timestamps()]));
    expect(await verdictOn(alone, ours.policy())).toBe("TRANSPARENCY_LOG_INVALID");
    expect(() => factsOf(alone)).toThrow("in no transparency log of the trust root");
  });

  test("proves no time, whatever time it was promised at (CVE-2026-48816)", async () => {
    const bundle = await ours.bundleBy(ours.keyless([ours.rekor(2), theirRekor()]));
    expect(await verdictOn(bundle, ours.policy())).toBe("TIMESTAMP_INVALID");
    // The same with a root that names that log is timed by it.
    expect(await verdictOn(bundle, ours.policy(nameTheirLogs))).toBe("accepted");
  });

  test("hinders no signature by key, unless an entry is asked for", async () => {
    const key = newKey();
    const bundle = await ours.bundleBy(createKeySigner(key.privateKey, { witnesses: [theirRekor()] }));
    const by = { keys: [key.publicKey], trustRoot: decodeTrustRoot(ours.sigstore.trustedRoot, "ours") };
    expect(factsOf(bundle, by)).toMatchObject({ logEntries: [], checks: ["signature", "subject"] });
    expect(await verdictOn(bundle, { ...by, requireLogEntry: true })).toBe("TRANSPARENCY_LOG_INVALID");
  });
});
