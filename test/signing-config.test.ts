import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createHttpClient } from "@sc/http";
import {
  createKeylessSigner,
  createRekorWitness,
  createTimestampWitness,
  decodeSigningConfig,
  decodeTrustRoot,
  selectServices,
  type SigningServices,
  signImage,
  verifyImage,
} from "@sc/sign";
import { startRegistry, startServer, startSigstore } from "@sc/testing";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { image, openImages, outcomeOf } from "./sign-support.ts";

const mediaType = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
const now = new Date("2026-06-01T00:00:00Z");

interface ServiceParts {
  readonly url: string;
  readonly version?: number;
  readonly start?: string;
  readonly end?: string;
  readonly operator?: string;
}

function service({ url, version = 1, start = "2020-01-01T00:00:00Z", end, operator = "a" }: ServiceParts): object {
  return { url, majorApiVersion: version, validFor: { start, ...(end === undefined ? {} : { end }) }, operator };
}

function configOf(members: object): Uint8Array {
  const config = {
    mediaType,
    caUrls: [service({ url: "https://fulcio" })],
    rekorTlogUrls: [service({ url: "https://rekor" })],
    tsaUrls: [],
    rekorTlogConfig: { selector: "ANY" },
    tsaConfig: { selector: "ANY" },
    ...members,
  };
  return Buffer.from(JSON.stringify(config));
}

function servicesOf(members: object, options = {}): SigningServices {
  return selectServices(decodeSigningConfig(configOf(members), "config"), { now, ...options });
}

function logsOf(logs: readonly ServiceParts[], config: object, options = {}): readonly string[] {
  const members = { rekorTlogUrls: logs.map(service), rekorTlogConfig: config };
  return servicesOf(members, options).logs.map(({ url }) => url.replace("https://", ""));
}

describe("a signing configuration (SIGN-2)", () => {
  test.each<readonly [string, readonly ServiceParts[], string]>([
    ["not one that has ended", [{ url: "https://old", end: "2026-05-31T23:59:59Z" }, { url: "https://new" }], "new"],
    ["one up to the instant it ends", [{ url: "https://last", end: "2026-06-01T00:00:00Z" }], "last"],
    ["one from the instant it starts", [{ url: "https://first", start: "2026-06-01T00:00:00Z" }], "first"],
    [
      "not one that has not started",
      [{ url: "https://soon", start: "2026-06-01T00:00:01Z" }, { url: "https://now" }],
      "now",
    ],
    [
      "the newest of those valid",
      [{ url: "https://older" }, { url: "https://newer", start: "2026-01-01T00:00:00Z" }],
      "newer",
    ],
    [
      "the highest version of those that are spoken",
      [
        { url: "https://one", start: "2026-01-01T00:00:00Z" },
        { url: "https://two", version: 2 },
        { url: "https://three", version: 3 },
      ],
      "two",
    ],
    ["no version 0, which is not released", [{ url: "https://zero", version: 0 }, { url: "https://one" }], "one"],
  ])("of its logs gives %s", (_what, logs, wanted) => {
    expect(logsOf(logs, { selector: "ANY" })).toEqual([wanted]);
  });

  const three = [
    { url: "https://a1", operator: "a" },
    { url: "https://a2", operator: "a", start: "2026-01-01T00:00:00Z" },
    { url: "https://b", operator: "b" },
    { url: "https://c", operator: "c" },
  ];

  test("gives all, any or exactly as many, at most one of each operator", () => {
    expect(logsOf(three, { selector: "ALL" })).toEqual(["a2", "b", "c"]);
    expect(logsOf(three, { selector: "ANY" })).toEqual(["a2"]);
    expect(logsOf(three, { selector: "EXACT", count: 2 })).toEqual(["a2", "b"]);
    expect(logsOf(three, { selector: "EXACT", count: 3 })).toEqual(["a2", "b", "c"]);
  });

  test("that wants more than there are operators is refused: two by one operator are one", async () => {
    expect(await outcomeOf(() => logsOf(three, { selector: "EXACT", count: 4 }))).toBe("SIGNING_CONFIG_INVALID");
    expect(await outcomeOf(() => logsOf(three.slice(0, 2), { selector: "EXACT", count: 2 }))).toBe(
      "SIGNING_CONFIG_INVALID",
    );
  });

  test("may be held to logs whose entries cosign's tags can carry", () => {
    const logs = [{ url: "https://one" }, { url: "https://two", version: 2 }];
    expect(logsOf(logs, { selector: "ANY" }, { logVersions: [1] })).toEqual(["one"]);
  });

  test("without a log is one of timestamps alone, as GitHub's own instance", () => {
    const services = servicesOf({ rekorTlogUrls: [], tsaUrls: [service({ url: "https://tsa/api/v1/timestamp" })] });
    expect(services).toMatchObject({ logs: [], timestampUrls: ["https://tsa/api/v1/timestamp"] });
  });

  test.each<readonly [string, () => Uint8Array]>([
    ["of version 0.1", () => configOf({ mediaType: mediaType.replace("v0.2", "v0.1") })],
    ["with a selector that nobody knows", () => configOf({ rekorTlogConfig: { selector: "SOME" } })],
    ["without a count where exactly so many are wanted", () => configOf({ tsaConfig: { selector: "EXACT" } })],
    ["that wants exactly none", () => configOf({ tsaConfig: { selector: "EXACT", count: 0 } })],
    ["with an address that is no web address", () => configOf({ caUrls: [service({ url: "file:///etc/passwd" })] })],
    [
      "with a service without a start",
      () => configOf({ caUrls: [{ url: "https://f", majorApiVersion: 1, operator: "a" }] }),
    ],
    ["with a start that is no date", () => configOf({ caUrls: [service({ url: "https://f", start: "soon" })] })],
    [
      "with a thousand services",
      () => configOf({ tsaUrls: Array.from({ length: 1000 }, () => service({ url: "https://t" })) }),
    ],
    ["that is not JSON", () => Buffer.from("<html>")],
  ])("%s is refused", async (_what, bytes) => {
    expect(await outcomeOf(() => decodeSigningConfig(bytes(), "config"))).toBe("SIGNING_CONFIG_INVALID");
  });

  test("without an authority that is valid is refused, by what it is called", () => {
    const expired = [service({ url: "https://f", end: "2021-01-01T00:00:00Z" })];
    expect(() => servicesOf({ caUrls: expired })).toThrow(/config: names no certificate authority that is valid now/);
  });
});

const published = dataFolder("sigstore/public-good-tuf/targets");

function servicesIn(file: string): SigningServices {
  return selectServices(decodeSigningConfig(readFileSync(join(published ?? "", file)), file), { now });
}

test.skipIf(published === undefined)("the configurations that Sigstore publishes are read, each with its log", () => {
  expect(servicesIn("signing_config.v0.2.json").logs).toEqual([{ url: "https://rekor.sigstore.dev", version: 1 }]);
  const newer = servicesIn("signing_config_rekor_v2.v0.2.json");
  expect(newer.logs.map(({ version }) => version)).toEqual([2]);
  expect(newer.timestampUrls).toHaveLength(1);
});

test.each([1, 2] as const)(
  "what a configuration with a log of version %s names is signed with, and verifies (SIGN-2)",
  async (version) => {
    await using sigstore = await startSigstore();
    await using registry = await startRegistry();
    await using client = createHttpClient();
    await using store = openImages(registry, "acme/configured");
    const { origin } = sigstore;
    const config = configOf({
      caUrls: [service({ url: origin })],
      rekorTlogUrls: [service({ url: origin, version })],
      tsaUrls: [service({ url: `${origin}/api/v1/timestamp` })],
    });
    const { fulcioUrl, logs, timestampUrls } = selectServices(decodeSigningConfig(config, "config"));
    const identity = { subject: "https://example.org/workflow", issuer: "https://issuer.example.org" };
    const token = sigstore.issuer.issue({ iss: identity.issuer, sub: "s", job_workflow_ref: identity.subject });
    const signer = createKeylessSigner({
      identityToken: () => Promise.resolve(token),
      fulcioUrl,
      client,
      witnesses: [
        ...logs.map((log) => createRekorWitness({ ...log, client })),
        ...timestampUrls.map((url) => createTimestampWitness({ url, client })),
      ],
    });
    await signImage(store, image, signer);
    const trustRoot = decodeTrustRoot(sigstore.trustedRoot, "test root");
    const { signatures } = await verifyImage(store, image, { identities: [identity], trustRoot });
    expect(signatures[0]?.facts.checks).toEqual(expect.arrayContaining(["transparency-log", "timestamp"]));
  },
);

test("a timestamp of something else, or to another request, is not taken (RFC 3161)", async () => {
  await using sigstore = await startSigstore();
  await using client = createHttpClient();
  const url = `${sigstore.origin}/api/v1/timestamp`;
  const signature = {
    bytes: Buffer.from("one"),
    material: { kind: "certificate" as const, certificate: Buffer.from("") },
  };
  const shown = { signedBytes: Buffer.from("x"), signature };
  const other = { ...shown, signature: { ...signature, bytes: Buffer.from("two") } };
  const witness = createTimestampWitness({ url, client });
  const [made] = (await witness.testify(shown)).timestamps;
  // A replayed answer: for another signature, and for this one asked at another time.
  await using replay = await startServer({
    faults: [],
    answer: () => ({ status: 201, headers: {}, body: Buffer.from(made ?? []) }),
  });
  const replayed = createTimestampWitness({ url: replay.origin, client });
  await expect(replayed.testify(other)).rejects.toThrow(/no timestamp of this signature/);
  await expect(replayed.testify(shown)).rejects.toThrow(/another request/);
});

test("nobody signs by identity without what proves the time", async () => {
  await using client = createHttpClient();
  const make = (): unknown =>
    createKeylessSigner({ identityToken: () => Promise.resolve(""), fulcioUrl: "https://f", client, witnesses: [] });
  expect(await outcomeOf(make)).toBe("POLICY_INVALID");
});
