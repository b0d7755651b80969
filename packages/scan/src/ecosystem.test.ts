import type { Package } from "@sc/model";
import { describe, expect, test } from "vitest";
import { ecosystems, schemeOf, splitEcosystem } from "./ecosystem.ts";
import { isOfStream, moduleOf } from "./rpm-module.ts";

// The releases of advisories that a choice is tried on.
const known: readonly string[] = [
  "22.04",
  "22.04:LTS",
  "Pro:22.04:LTS",
  "Pro:FIPS:22.04:LTS",
  "24.04:LTS",
  "enterprise_linux:8::baseos",
  "enterprise_linux:9::appstream",
  "enterprise_linux:9::baseos",
  "rhel_eus:9.4::baseos",
  "rhel_eus:9.2::baseos",
  "Linux Enterprise Server 15 SP6",
  "Linux Enterprise Server 15 SP6-LTSS",
  "Linux Enterprise Server 15 SP5",
  "Linux Enterprise Server 15",
  "Linux Enterprise Module for Basesystem 15 SP6",
  "Linux Enterprise Micro 5.5",
];

function releasesOf(id: string, versionId?: string, prettyName?: string): unknown {
  const ecosystem = ecosystems.find(({ distribution }) => distribution?.ids.includes(id));
  const named = { id, ...(versionId === undefined ? {} : { versionId }) };
  const choice = ecosystem?.distribution?.choose(prettyName === undefined ? named : { ...named, prettyName });
  if (choice === undefined) return undefined;
  if ("newest" in choice) return "newest";
  const { name } = ecosystem ?? { name: "" };
  return [name, "includes" in choice ? known.filter((one) => choice.includes(one)) : choice.release];
}

describe("the releases whose advisories are a distribution's (SCAN-1)", () => {
  test.each([
    ["alpine", "3.20.3", undefined, ["Alpine", "v3.20"]],
    ["alpine", "3.21.0_alpha20240807", undefined, "newest"],
    ["wolfi", "20230201", undefined, ["Wolfi", ""]],
    ["chainguard", "20230214", undefined, ["Chainguard", ""]],
    ["minimos", "20241031", undefined, ["MinimOS", ""]],
    ["alpaquita", "23", undefined, ["Alpaquita", "23"]],
    ["alpaquita", "stream", undefined, ["Alpaquita", "stream"]],
    ["bellsoft-hardened-containers", "23", undefined, ["BellSoft Hardened Containers", "23"]],
    ["cleanstart", "1.0", undefined, ["CleanStart", ""]],
    ["clnstrt", undefined, undefined, ["CleanStart", ""]],
    ["echo", "1", undefined, ["Echo", ""]],
    ["debian", "12", undefined, ["Debian", "12"]],
    ["debian", "trixie", undefined, ["Debian", "13"]],
    ["ubuntu", "24.04", undefined, ["Ubuntu", ["24.04:LTS"]]],
    ["ubuntu", "23.10", undefined, ["Ubuntu", []]],
    ["sles_sap", "15.5", undefined, ["SUSE", ["Linux Enterprise Server 15 SP5"]]],
    ["opensuse-leap-micro", "5.5", undefined, ["openSUSE", "Leap Micro 5.5"]],
    ["ol", "9.4", undefined, undefined],
    ["fedora", "41", undefined, undefined],
    ["arch", undefined, undefined, undefined],
    ["bottlerocket", "1.20.0", undefined, undefined],
    ["debian", "sid", undefined, "newest"],
    ["ubuntu", "22.04", undefined, ["Ubuntu", ["22.04", "22.04:LTS", "Pro:22.04:LTS"]]],
    ["almalinux", "9.4", undefined, ["AlmaLinux", "9"]],
    ["rocky", "9.4", undefined, ["Rocky Linux", "9"]],
    [
      "rhel",
      "9.4",
      undefined,
      ["Red Hat", ["enterprise_linux:9::appstream", "enterprise_linux:9::baseos", "rhel_eus:9.4::baseos"]],
    ],
    ["centos", "8", undefined, ["Red Hat", ["enterprise_linux:8::baseos"]]],
    ["centos", "9", undefined, undefined],
    [
      "sles",
      "15.6",
      undefined,
      [
        "SUSE",
        [
          "Linux Enterprise Server 15 SP6",
          "Linux Enterprise Server 15 SP6-LTSS",
          "Linux Enterprise Module for Basesystem 15 SP6",
        ],
      ],
    ],
    ["sles", "15", undefined, ["SUSE", ["Linux Enterprise Server 15"]]],
    ["sle-micro", "5.5", undefined, ["SUSE", "Linux Enterprise Micro 5.5"]],
    ["sl-micro", "6.0", undefined, ["SUSE", "Linux Micro 6.0"]],
    ["opensuse-leap", "15.6", undefined, ["openSUSE", "Leap 15.6"]],
    ["opensuse-tumbleweed", "20241101", undefined, ["openSUSE", "Tumbleweed"]],
    ["photon", "5.0", undefined, ["Photon OS", "5.0"]],
    ["azurelinux", "3.0.20240824", undefined, ["Azure Linux", "3"]],
    ["mariner", "2.0", undefined, ["Azure Linux", "2"]],
    ["mageia", "9", undefined, ["Mageia", "9"]],
    ["openeuler", "24.03", "openEuler 24.03 (LTS-SP1)", ["openEuler", "24.03-LTS-SP1"]],
    ["openeuler", "22.03", undefined, ["openEuler", "22.03"]],
    ["rhel", "next", undefined, undefined],
    ["amzn", "2023", undefined, undefined],
  ])("of %s %s", (id, versionId, prettyName, expected) => {
    expect(releasesOf(id, versionId, prettyName)).toEqual(expected);
  });

  test("are named behind the first colon, and for languages not at all", () => {
    const redHat = splitEcosystem("Red Hat:enterprise_linux:9::appstream");
    expect([redHat.ecosystem?.name, redHat.release]).toEqual(["Red Hat", "enterprise_linux:9::appstream"]);
    const maven = splitEcosystem("Maven:https://repo.example/maven2");
    expect([maven.ecosystem?.name, maven.release]).toEqual(["Maven", ""]);
    expect(splitEcosystem("Kubernetes")).toEqual({ ecosystem: undefined, release: "" });
  });
});

describe("the rows", () => {
  test("are of different names, and each has its version scheme", () => {
    expect(new Set(ecosystems.map(({ name }) => name)).size).toBe(ecosystems.length);
    expect(ecosystems.map((ecosystem) => schemeOf(ecosystem).id)).toEqual(ecosystems.map(({ scheme }) => scheme));
  });

  test.each([
    ["PyPI", "Zope.Interface_x", "zope-interface-x"],
    ["NuGet", "Newtonsoft.Json", "newtonsoft.json"],
    ["Packagist", "Symfony/HTTP-Kernel", "symfony/http-kernel"],
    ["SwiftURL", "https://github.com/Apple/swift-nio.git", "github.com/apple/swift-nio"],
    ["GitHub Actions", "Actions/Checkout", "actions/checkout"],
    ["Go", "github.com/Sirupsen/logrus", "github.com/Sirupsen/logrus"],
    ["Maven", "org.Example:Lib", "org.Example:Lib"],
    ["crates.io", "Inflector", "Inflector"],
  ])("compare names of %s as the registry does: %s", (ecosystem, name, expected) => {
    expect(ecosystems.find((one) => one.name === ecosystem)?.normalizeName(name)).toBe(expected);
  });

  test("compare an rpm by its own name where advisories name binaries, else by both", () => {
    const libs = rpm({
      name: "openssl-libs",
      version: "1:3.0.7-1.el9",
      source: { name: "openssl", version: "3.0.7-1.el9" },
    });
    const compared = (name: string) => ecosystems.find((one) => one.name === name)?.compared(libs);
    expect(compared("AlmaLinux")).toEqual([{ name: "openssl-libs", version: "1:3.0.7-1.el9" }]);
    expect(compared("Rocky Linux")).toEqual([
      { name: "openssl-libs", version: "1:3.0.7-1.el9" },
      { name: "openssl", version: "1:3.0.7-1.el9" },
    ]);
  });

  test.each([
    ["1.19.3-x86_64-linux-musl", "1.19.3"],
    ["1.19.3-aarch64-linux", "1.19.3"],
    ["1.13.1-universal-darwin-8", "1.13.1"],
    ["1.16.0-arm64-darwin", "1.16.0"],
    ["9.4.8.0-java", "9.4.8.0"],
    ["1.6.6-x64-mingw-ucrt", "1.6.6"],
    ["1.0.0-rc1", "1.0.0-rc1"],
    ["1.0.0.x86", "1.0.0.x86"],
  ])("compare a gem's version without the platform it was built for: %s", (version, expected) => {
    const gem: Package = { ...rpm({ name: "nokogiri", version }), type: "gem" };
    const compared = (name: string) => ecosystems.find((one) => one.name === name)?.compared(gem);
    expect(compared("RubyGems")).toEqual([{ name: "nokogiri", version: expected }]);
    expect(compared("CocoaPods")).toEqual([{ name: "nokogiri", version }]);
  });

  test("take no package of Rocky Linux's special interest groups for its own", () => {
    const rocky = ecosystems.find(({ name }) => name === "Rocky Linux");
    expect(rocky?.isOwn?.("pkg:rpm/rocky-linux/kernel?distro=rocky-linux-8-sig-cloud&epoch=0")).toBe(false);
    expect(rocky?.isOwn?.("pkg:rpm/rocky-linux/kernel?distro=rocky-linux-8&epoch=0")).toBe(true);
  });
});

describe("modules of rpm packages (SCAN-1)", () => {
  const plain = rpm({ version: "18.1-1.el9" });
  const modular = rpm({ version: "18.1-1.module+el9+1+abc" });
  const labelled = rpm({ version: "18.1-1.el9", properties: { "rpm:modularity": "nodejs:18:920:abc" } });

  test.each([
    [plain, undefined, true],
    [plain, ["nodejs:18"], false],
    [modular, undefined, false],
    [modular, ["nodejs:18"], true],
    [labelled, ["nodejs:18"], true],
    [labelled, ["nodejs:20"], false],
    [labelled, [], true],
    [labelled, undefined, false],
  ])("are compared only within their stream: %#", (found, modules, expected) => {
    expect(isOfStream(modules === undefined ? {} : { modules }, moduleOf(found))).toBe(expected);
  });
});

function rpm(facts: Partial<Package>): Package {
  return {
    kind: "package",
    id: "pkg:rpm/x",
    type: "rpm",
    name: "x",
    version: "1",
    purl: "pkg:rpm/x",
    cataloger: "test",
    evidence: "installed",
    locations: [],
    licenses: [],
    ...facts,
  };
}
