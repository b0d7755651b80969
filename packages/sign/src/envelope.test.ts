import { createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { preAuthEncoding } from "./envelope.ts";

test("what is signed counts bytes, not characters", () => {
  const encoded = preAuthEncoding("text/é", new TextEncoder().encode("ü"));
  expect(new TextDecoder().decode(encoded)).toBe("DSSEv1 7 text/é 2 ü");
});

const vectors = join(resolve(process.env["SC_DATA"] ?? "../shared/data"), "sigstore/dsse/TEST-VECTORS.md");

test.skipIf(!existsSync(vectors))("the specification's own vector verifies over our encoding", () => {
  const text = readFileSync(vectors, "utf8");
  const number = (name: string): Buffer => {
    const decimal = new RegExp(`^${name}: (\\d+)$`, "m").exec(text)?.[1] ?? "";
    return Buffer.from(BigInt(decimal).toString(16).padStart(64, "0"), "hex");
  };
  const envelope: { payload: string; payloadType: string; signatures: { sig: string }[] } = JSON.parse(
    /```json\n([^`]+)```/.exec(text)?.[1] ?? "",
  );
  const jwk = { kty: "EC", crv: "P-256", x: number("X").toString("base64url"), y: number("Y").toString("base64url") };
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signature = Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");
  const signed = preAuthEncoding(envelope.payloadType, Buffer.from(envelope.payload, "base64"));
  expect(new TextDecoder().decode(signed)).toBe(/^PAE:\n\n```none\n(.*)\n```/m.exec(text)?.[1]);
  expect(verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
});
