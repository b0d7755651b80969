import { generateKeyPairSync, sign } from "node:crypto";
import { isScError } from "@sc/model";
import { describe, expect, test } from "vitest";
import { readCertificateIdentity } from "./certificate-identity.ts";

// A certificate as a bad authority would make it, written here: no library of good certificates makes these.
const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });

function element(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
const objectId = (hex: string): Buffer => element(0x06, Buffer.from(hex, "hex"));

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  const marks = critical ? [Buffer.from([0x01, 0x01, 0xff])] : [];
  return sequence(objectId(id), ...marks, element(0x04, value));
}

const fulcio = "2b0601040183bf3001";
const uri = (name: string): Buffer => element(0x86, name);
const good = {
  keyUsage: extension("551d0f", Buffer.from([0x03, 0x02, 0x07, 0x80]), true),
  extendedKeyUsage: extension("551d25", sequence(objectId("2b06010505070303"))),
  subject: extension("551d11", sequence(uri("https://github.com/acme/api/x@y")), true),
  issuer: extension(`${fulcio}08`, element(0x0c, "https://issuer.example")),
};

function certificate(changes: Readonly<Record<string, Uint8Array | undefined>> = {}): Uint8Array {
  const extensions = Object.values({ ...good, ...changes }).filter((one) => one !== undefined);
  const algorithm = sequence(objectId("2a8648ce3d040302"));
  const name = sequence(element(0x31, sequence(objectId("550403"), element(0x0c, "authority"))));
  const body = sequence(
    element(0xa0, Buffer.from([2, 1, 2])),
    Buffer.from([2, 1, 1]),
    algorithm,
    name,
    sequence(element(0x17, "250101000000Z"), element(0x17, "350101000000Z")),
    sequence(),
    pair.publicKey.export({ format: "der", type: "spki" }),
    element(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, pair.privateKey);
  return sequence(body, algorithm, element(0x03, Buffer.from([0]), signature));
}

function answerOf(der: Uint8Array): string {
  try {
    return readCertificateIdentity(der, "certificate").subject;
  } catch (error) {
    return isScError(error) ? error.message : String(error);
  }
}

describe("a signing certificate (SIGN-5)", () => {
  test("for code signing, with one name and one issuer, is an identity", () => {
    expect(readCertificateIdentity(certificate(), "certificate")).toMatchObject({
      subject: "https://github.com/acme/api/x@y",
      issuer: "https://issuer.example",
    });
  });

  test.each([
    [
      "an authority's flag on a leaf (node-forge CVE-2026-33896)",
      { ca: extension("551d13", sequence(Buffer.from([1, 1, 255])), true) },
      "is an authority's",
    ],
    [
      "no extended key usage (timestamp-authority GHSA-xm5m)",
      { extendedKeyUsage: undefined },
      "is not for code signing",
    ],
    [
      "another extended key usage (go-witness GHSA-5qp5)",
      { extendedKeyUsage: extension("551d25", sequence(objectId("2b06010505070301"))) },
      "is not for code signing",
    ],
    [
      "an unknown critical extension",
      { odd: extension("2b0601040101", Buffer.from([5, 0]), true) },
      "has the critical extension",
    ],
    [
      "several subject alternative names",
      {
        subject: extension(
          "551d11",
          sequence(uri("https://github.com/acme/a"), uri("https://github.com/evil/a")),
          true,
        ),
      },
      "wanted one subject alternative name, got 2",
    ],
    [
      "an e-mail address beside a URI",
      {
        subject: extension("551d11", sequence(element(0x81, "a@example.com"), uri("https://github.com/acme/a")), true),
      },
      "wanted one subject alternative name, got 2",
    ],
    ["no subject alternative name", { subject: undefined }, "wanted one subject alternative name, got 0"],
    [
      "two issuers that disagree",
      { older: extension(`${fulcio}01`, Buffer.from("https://other.example")) },
      "names two identity providers",
    ],
    ["no issuer", { issuer: undefined }, "names no identity provider"],
  ])("with %s is refused", (_what, changes, message) => {
    expect(answerOf(certificate(changes))).toContain(message);
  });

  test("an unknown extension that is not critical does no harm", () => {
    expect(answerOf(certificate({ odd: extension("2b0601040101", Buffer.from([5, 0])) }))).toContain(
      "https://github.com",
    );
  });

  test("every Fulcio claim is read, the older ones as the texts they are", () => {
    const { claims } = readCertificateIdentity(
      certificate({
        trigger: extension(`${fulcio}02`, Buffer.from("push")),
        repository: extension(`${fulcio}05`, Buffer.from("acme/api")),
        source: extension(`${fulcio}0c`, element(0x0c, "https://github.com/acme/api")),
        token: extension(`${fulcio}18`, element(0x0c, "repo:acme/api")),
      }),
      "certificate",
    );
    expect(claims).toEqual({
      githubWorkflowTrigger: "push",
      githubWorkflowRepository: "acme/api",
      sourceRepositoryUri: "https://github.com/acme/api",
      tokenSubject: "repo:acme/api",
    });
  });
});
