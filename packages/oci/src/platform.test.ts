import { type Descriptor, digestOf, type Platform } from "@sc/model";
import { describe, expect, it } from "vitest";
import { formatPlatform, hostPlatform, matchPlatform, mayBeImage, parsePlatform, selectPlatform } from "./platform.ts";

const on = (text: string): { readonly platform: Platform } => ({ platform: parsePlatform(text) });
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe("a platform (OCI-2)", () => {
  it.each([
    ["linux/x86_64", "linux/amd64"],
    ["linux/amd64/v1", "linux/amd64"],
    ["linux/aarch64", "linux/arm64"],
    ["linux/arm64/v8", "linux/arm64"],
    ["linux/arm64/8", "linux/arm64"],
    ["linux/arm", "linux/arm/v7"],
    ["linux/arm/6", "linux/arm/v6"],
    ["linux/armhf", "linux/arm/v7"],
    ["linux/armel", "linux/arm/v6"],
    ["Linux/i386", "linux/386"],
    ["macos/arm64", "darwin/arm64"],
    ["linux/constructor", "linux/constructor"],
  ])("%s is %s", (text, wanted) => {
    expect(formatPlatform(parsePlatform(text))).toBe(wanted);
  });

  it.each(["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/am d64", `linux/${"a".repeat(65)}`])(
    "%j is refused as PLATFORM_INVALID",
    (text) => {
      expect(() => parsePlatform(text)).toThrow(code("PLATFORM_INVALID"));
    },
  );

  it.each([
    ["linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6"],
    ["linux/arm/v6", ["linux/arm/v7", "linux/arm/v5"], "linux/arm/v5"],
    ["linux/arm/v6", ["linux/arm/v7"], undefined],
    ["linux/amd64/v3", ["linux/amd64", "linux/amd64/v2"], "linux/amd64/v2"],
    ["linux/amd64", ["linux/amd64/v2"], undefined],
    ["linux/arm64", ["linux/arm/v7"], undefined],
    ["linux/arm64/v8", ["linux/arm64"], "linux/arm64"],
    ["linux/amd64", ["windows/amd64"], undefined],
  ])("%s takes of %j what runs best on it", (wanted, there, chosen) => {
    const found = matchPlatform(there.map(on), parsePlatform(wanted));
    expect(found === undefined ? undefined : formatPlatform(found.platform)).toBe(chosen);
  });

  it("without being asked, this machine's comes first and linux/amd64 second", () => {
    const own = { platform: hostPlatform() };
    const amd64 = on("linux/amd64");
    expect(selectPlatform([on("linux/s390x"), amd64, own], { where: "test" }).platform).toEqual(own.platform);
    expect(selectPlatform([on("linux/s390x"), amd64], { where: "test" })).toBe(amd64);
  });

  it("that is not there is answered with those that are", () => {
    const there = [on("linux/s390x"), on("linux/arm/v7")];
    const selecting = (): unknown => selectPlatform(there, { wanted: parsePlatform("linux/386"), where: "app:1" });
    expect(selecting).toThrow(code("PLATFORM_NOT_FOUND"));
    expect(selecting).toThrow("app:1: no image for linux/386; it has linux/s390x, linux/arm/v7");
  });
});

describe("an entry of an index (OCI-2)", () => {
  const entry: Descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digestOf("a"), size: 1 };

  it.each<[string, Partial<Descriptor>]>([
    ["for an unknown platform", { platform: { os: "unknown", architecture: "unknown" } }],
    ["that buildx marks as an attestation", { annotations: { "vnd.docker.reference.type": "attestation-manifest" } }],
    ["that cosign marks as signatures", { annotations: { kind: "dev.cosignproject.cosign/sigs" } }],
    ["with an artifact type", { artifactType: "a/b" }],
    ["of an unknown type", { mediaType: "application/vnd.oci.descriptor.v1+json" }],
  ])("%s is never chosen", (_, changes) => {
    expect(mayBeImage(entry)).toBe(true);
    expect(mayBeImage({ ...entry, ...changes })).toBe(false);
  });
});
