import { createRekorWitness, createTimestampWitness, decodeTrustRoot, type SignerPolicy, type Witness } from "@sc/sign";
import { startSigstore, type TestSigstore } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authorities, type StoredBundle, type TrustedRootJson, verdictOn } from "./sign-authorities.ts";
import { outcomeOf } from "./sign-support.ts";

let ours: Authorities;
let theirs: TestSigstore;
beforeAll(async () => {
  ours = await Authorities.start();
  // Another instant, so that a timestamp of theirs is none of ours.
  theirs = await startSigstore({ laterSeconds: 30 });
});
afterAll(async () => {
  await theirs[Symbol.asyncDispose]();
  await ours[Symbol.asyncDispose]();
});

/** A root with our logs of version 1 and 2 and their log of version 1, and both timestamp authorities. */
function rootOf(logs: readonly (string | undefined)[], timestampers: readonly (string | undefined)[]) {
  return (root: TrustedRootJson): void => {
    const other: TrustedRootJson = JSON.parse(Buffer.from(theirs.trustedRoot).toString());
    root.tlogs = [...root.tlogs, ...other.tlogs.slice(0, 1)];
    root.timestampAuthorities = [...root.timestampAuthorities, ...other.timestampAuthorities];
    for (const [index, operator] of logs.entries()) Object.assign(root.tlogs[index] ?? {}, { operator });
    for (const [index, operator] of timestampers.entries())
      Object.assign(root.timestampAuthorities[index] ?? {}, { operator });
  };
}

type Operators = readonly (string | undefined)[];

function byLogs(operators: Operators, minLogOperators: number): SignerPolicy {
  return ours.policy(rootOf(operators, []), { minLogOperators });
}

function byTimestamps(operators: Operators, minTimestampOperators: number): SignerPolicy {
  return ours.policy(rootOf([], operators), { minTimestampOperators });
}

function theirRekor(): Witness {
  return createRekorWitness({ url: theirs.origin, client: ours.client, version: 1 });
}

function theirTimestamps(): Witness {
  return createTimestampWitness({ url: theirs.origin, client: ours.client });
}

describe("logs are counted by operator (sigstore-go dbb07e6)", () => {
  let twoOfOurs: StoredBundle;
  let oneOfEach: StoredBundle;
  let sameLogTwice: StoredBundle;
  beforeAll(async () => {
    twoOfOurs = await ours.bundleBy(ours.keyless([ours.rekor(1), ours.rekor(2)]));
    oneOfEach = await ours.bundleBy(ours.keyless([ours.rekor(1), theirRekor()]));
    sameLogTwice = await ours.bundleBy(ours.keyless([ours.rekor(2), ours.rekor(2), ours.rekor(1)]));
  });

  test("entries in the logs of two operators count twice", async () => {
    expect(await verdictOn(oneOfEach, byLogs(["a.example", "a.example", "b.example"], 2))).toBe("accepted");
    expect(await verdictOn(oneOfEach, byLogs(["a.example", "a.example", "b.example"], 3))).toBe(
      "TRANSPARENCY_LOG_INVALID",
    );
  });

  test("two logs with two keys of one operator count once", async () => {
    expect(await verdictOn(twoOfOurs, byLogs(["a.example", "a.example", "b.example"], 1))).toBe("accepted");
    expect(await verdictOn(twoOfOurs, byLogs(["a.example", "a.example", "b.example"], 2))).toBe(
      "TRANSPARENCY_LOG_INVALID",
    );
    expect(await verdictOn(twoOfOurs, byLogs(["a.example", "b.example", "c.example"], 2))).toBe("accepted");
  });

  test("several entries in one log count once", async () => {
    const outcome = await verdictOn(sameLogTwice, byLogs(["a.example", "a.example", "b.example"], 2));
    expect(outcome).toBe("TRANSPARENCY_LOG_INVALID");
  });

  test("operators that the trust root does not name count as one", async () => {
    expect(await verdictOn(oneOfEach, byLogs([undefined, undefined, undefined], 1))).toBe("accepted");
    expect(await verdictOn(oneOfEach, byLogs([undefined, undefined, undefined], 2))).toBe("TRANSPARENCY_LOG_INVALID");
  });
});

describe("timestamps are counted by operator", () => {
  test("two of one operator count once, those of two operators twice", async () => {
    const both = await ours.bundleBy(ours.keyless([ours.rekor(1), ours.timestamps(), theirTimestamps()]));
    expect(await verdictOn(both, byTimestamps(["a.example", "b.example"], 2))).toBe("accepted");
    expect(await verdictOn(both, byTimestamps(["a.example", "a.example"], 2))).toBe("TIMESTAMP_INVALID");
    expect(await verdictOn(both, byTimestamps([undefined, undefined], 2))).toBe("TIMESTAMP_INVALID");
    const one = await ours.bundleBy(ours.keyless([ours.rekor(1), ours.timestamps()]));
    expect(await verdictOn(one, byTimestamps(["a.example", "b.example"], 1))).toBe("accepted");
    expect(await verdictOn(one, byTimestamps(["a.example", "b.example"], 2))).toBe("TIMESTAMP_INVALID");
  });

  test("a log's time is no timestamp authority's", async () => {
    const logged = await ours.bundleBy(ours.keyless([ours.rekor(1)]));
    expect(await verdictOn(logged, byTimestamps(["a.example", "b.example"], 1))).toBe("TIMESTAMP_INVALID");
  });
});

test.each([0, -1, 1.5, Number.NaN])("a policy that wants %s operators is refused", async (count) => {
  const bundle = await ours.bundleBy(ours.keyless([ours.rekor(1)]));
  expect(await verdictOn(bundle, ours.policy(undefined, { minLogOperators: count }))).toBe("POLICY_INVALID");
});

test("a trust root whose timestamp authority may do more than timestamps is refused (go-witness GHSA-5qp5)", async () => {
  const root: TrustedRootJson = JSON.parse(Buffer.from(ours.sigstore.trustedRoot).toString());
  const rawBytes = Buffer.from(ours.sigstore.rootCertificate).toString("base64");
  for (const authority of root.timestampAuthorities) authority["certChain"] = { certificates: [{ rawBytes }] };
  const bytes = Buffer.from(JSON.stringify(root));
  expect(await outcomeOf(() => decodeTrustRoot(bytes, "root"))).toBe("TRUSTED_ROOT_INVALID");
});
