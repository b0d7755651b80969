import { hasCode, isScError } from "@sc/model";
import { describe, expect, it } from "vitest";
import { formatReference, parseReference } from "./reference.ts";

const hex = "a".repeat(64);
const digest = `sha256:${hex}` as const;

const registry = (registryHost: string, repository: string, names: { tag?: string; digest?: string }): unknown => ({
  scheme: "registry",
  registry: registryHost,
  repository,
  ...names,
});

function hint(text: string): string | undefined {
  try {
    parseReference(text);
  } catch (error) {
    return isScError(error) && hasCode(error, "REFERENCE_INVALID") ? error.hint : undefined;
  }
  return undefined;
}

describe("a registry reference (OCI-1)", () => {
  it.each([
    ["alpine", registry("docker.io", "library/alpine", { tag: "latest" })],
    ["alpine:3.20", registry("docker.io", "library/alpine", { tag: "3.20" })],
    ["grafana/grafana", registry("docker.io", "grafana/grafana", { tag: "latest" })],
    ["docker.io/alpine", registry("docker.io", "library/alpine", { tag: "latest" })],
    ["index.docker.io/library/alpine", registry("docker.io", "library/alpine", { tag: "latest" })],
    ["localhost/a", registry("localhost", "a", { tag: "latest" })],
    ["localhost:5000/a:b", registry("localhost:5000", "a", { tag: "b" })],
    ["registry:5000/a:b", registry("registry:5000", "a", { tag: "b" })],
    ["registry:ghcr.io/o/r", registry("ghcr.io", "o/r", { tag: "latest" })],
    ["registry:dir:5000/a", registry("dir:5000", "a", { tag: "latest" })],
    ["[2001:db8::1]:443/a/b", registry("[2001:db8::1]:443", "a/b", { tag: "latest" })],
    ["[::1]/a", registry("[::1]", "a", { tag: "latest" })],
    ["127.0.0.1:80/a__b/c--d.e", registry("127.0.0.1:80", "a__b/c--d.e", { tag: "latest" })],
    ["GHCR.io/o/r:1", registry("ghcr.io", "o/r", { tag: "1" })],
    [`ghcr.io/o/r@${digest}`, registry("ghcr.io", "o/r", { digest })],
    [`ghcr.io/o/r:1@${digest}`, registry("ghcr.io", "o/r", { tag: "1", digest })],
    [`r@sha512:${hex}${hex}`, registry("docker.io", "library/r", { digest: `sha512:${hex}${hex}` })],
  ])("%s is read as docker reads it", (text, wanted) => {
    expect(parseReference(text)).toEqual(wanted);
  });

  it.each([
    "",
    "registry:",
    "Alpine",
    "a//b",
    "/a",
    "a/",
    "ghcr.io/",
    "a:",
    "a:-x",
    `a:${"t".repeat(129)}`,
    "a@sha256:abc",
    `a@sha256:${hex.toUpperCase()}`,
    `a@md5:${hex}`,
    `a@${digest}@${digest}`,
    hex,
    "https://ghcr.io/o/r",
    "docker://alpine",
    "oci:dir:tag",
    "./image.tar",
    "host:0/a",
    "host:65536/a",
    "host:/a",
    "[::1/a",
    "[nonsense]:5000/a",
    "-bad-.io/a",
    "a b",
    "a\0b",
    `ghcr.io/${"a/".repeat(127)}bc`,
    `${"a.".repeat(200)}io/r`,
    "a".repeat(5000),
  ])("%j is refused as REFERENCE_INVALID", (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "REFERENCE_INVALID" }));
  });

  it("a repository name of 255 characters is the longest", () => {
    expect(parseReference(`ghcr.io/${"a".repeat(255)}`)).toMatchObject({ repository: "a".repeat(255) });
    expect(() => parseReference(`ghcr.io/${"a".repeat(256)}`)).toThrow(/255/);
  });

  it("what is pasted from elsewhere is answered with what to write", () => {
    expect(hint("docker://alpine")).toBe('Leave out "docker://".');
    expect(hint("./a.tar")).toMatch(/oci-archive:/);
    expect(hint("oci:a:b")).toMatch(/oci-layout:/);
    expect(hint("ghcr.io/Owner/r")).toMatch(/lower case/);
  });
});

describe("a local reference (OCI-1)", () => {
  it.each([
    ["oci-layout:/a/b", { scheme: "oci-layout", path: "/a/b" }],
    ["oci-layout:a:1", { scheme: "oci-layout", path: "a", tag: "1" }],
    ["oci-layout:a:busybox:1.38", { scheme: "oci-layout", path: "a", tag: "busybox:1.38" }],
    [`oci-layout:a@${digest}`, { scheme: "oci-layout", path: "a", digest }],
    [`oci-layout:/u@host/a:t@${digest}`, { scheme: "oci-layout", path: "/u@host/a", tag: "t", digest }],
    ["oci-archive:C:\\a.tar:t", { scheme: "oci-archive", path: "C:\\a.tar", tag: "t" }],
    ["docker-archive:a.tar:r/n:t", { scheme: "docker-archive", path: "a.tar", tag: "r/n:t" }],
    ["dir:a:b", { scheme: "dir", path: "a:b" }],
    ["rootfs-tar:a.tar", { scheme: "rootfs-tar", path: "a.tar" }],
    ["docker-daemon:alpine", { scheme: "docker-daemon", image: "docker.io/library/alpine:latest" }],
    [`docker-daemon:${digest}`, { scheme: "docker-daemon", image: digest }],
  ])("%s is read as its scheme says", (text, wanted) => {
    expect(parseReference(text)).toEqual(wanted);
  });

  it.each([
    "oci-layout:",
    "oci-layout::t",
    "oci-archive:a:",
    "oci-archive:a:b c",
    "dir:",
    "docker-daemon:A",
    "oci-layout:a@sha256:12",
  ])("%j is refused as REFERENCE_INVALID", (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "REFERENCE_INVALID" }));
  });

  it("a path that no reference can carry is not formatted into another one", () => {
    expect(() => formatReference({ scheme: "oci-layout", path: "/a:b" })).toThrow(/colon/);
  });
});
