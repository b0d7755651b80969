import { type Finding, formatPurl, type Severity } from "@sc/model";
import type { ScanReport } from "@sc/scan";

type FindingFacts = Partial<Omit<Finding, "package">> & {
  readonly name: string;
  readonly type?: string;
  readonly version?: string;
  readonly path?: string;
  readonly layer?: number;
};

const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;

/** A finding with what is not given filled in. */
export function finding({ name, type = "deb", version = "1.0", path, layer = 0, ...rest }: FindingFacts): Finding {
  const purl = formatPurl({ type, name, version });
  const fixedIn = rest.fixedIn ?? [];
  const place = { path: path ?? "var/lib/dpkg/status", layer: digest("abcdef"[layer] ?? "f"), layerIndex: layer };
  return {
    id: "CVE-2024-1",
    aliases: [],
    package: { id: purl, type, name, version, purl, locations: [place] },
    severity: "unknown",
    ratings: [],
    fixState: fixedIn.length > 0 ? "fixed" : "not-fixed",
    fixedIn,
    references: [],
    explanations: [
      {
        advisory: rest.id ?? "CVE-2024-1",
        ecosystem: type === "deb" ? "Debian:12" : type,
        comparedName: name,
        comparedVersion: version,
        scheme: type === "deb" ? "dpkg" : "semver",
        range: `< ${fixedIn[0] ?? "*"}`,
      },
    ],
    ...rest,
  };
}

/** A scan that found nothing. */
export const emptyReport: ScanReport = {
  sc: "0.1.0",
  subject: {
    type: "image",
    name: "ghcr.io/acme/api:1.4.2",
    repository: "ghcr.io/acme/api",
    tag: "1.4.2",
    digest: digest("9"),
    platform: { os: "linux", architecture: "amd64" },
  },
  distribution: {
    kind: "distribution",
    id: "debian",
    idLike: [],
    versionId: "12",
    prettyName: "Debian 12 (bookworm)",
    fields: {},
    path: "etc/os-release",
  },
  packages: { deb: 141, npm: 73 },
  layers: 6,
  findings: [],
  coverage: { compared: 214, uncompared: 0, ecosystems: [], gaps: [], undecided: 0 },
  database: { schema: 1, digest: digest("7"), built: "2026-11-20T04:10:00Z", ecosystems: [] },
  problems: [],
  incomplete: false,
  scanned: "2026-11-21T06:22:00Z",
};

const vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/** A scan as it is every day. */
export const exampleReport: ScanReport = {
  ...emptyReport,
  findings: [
    finding({
      name: "libssl3",
      version: "3.0.14-1~deb12u2",
      id: "CVE-2024-5535",
      aliases: ["DSA-5764-1"],
      severity: "critical",
      ratings: [{ severity: "critical", score: 9.8, vector, method: "CVSSv31", source: "NVD" }],
      fixedIn: ["3.0.15-1~deb12u1"],
      knownExploited: true,
      epss: 0.43,
      summary: "openssl: SSL_select_next_proto buffer overread",
      details: "Calling the function SSL_select_next_proto with an empty buffer may send memory to the peer.",
      references: ["https://www.openssl.org/news/secadv/20240627.txt"],
      published: "2024-06-27T11:15:00Z",
      modified: "2024-11-21T09:47:00Z",
    }),
    finding({
      name: "lodash",
      type: "npm",
      version: "4.17.15",
      id: "CVE-2021-23337",
      aliases: ["GHSA-35jh-r3h4-6jhm"],
      severity: "high",
      ratings: [
        {
          severity: "high",
          score: 7.2,
          vector: vector.replace("/PR:N/", "/PR:H/"),
          method: "CVSSv31",
          source: "GHSA-35jh-r3h4-6jhm",
        },
      ],
      fixedIn: ["4.17.21"],
      path: "app/node_modules/lodash/package.json",
      layer: 4,
      summary: "Command Injection in lodash",
      published: "2021-05-06T16:05:51Z",
    }),
    finding({
      name: "zlib1g",
      version: "1:1.2.13.dfsg-1",
      id: "CVE-2023-45853",
      severity: "high",
      fixState: "wont-fix",
    }),
    finding({
      name: "requests",
      type: "pypi",
      version: "2.30.0",
      id: "CVE-2023-32681",
      severity: "medium",
      fixedIn: ["2.31.0"],
      path: "usr/lib/python3/dist-packages/requests-2.30.0.dist-info/METADATA",
      layer: 5,
    }),
    finding({ name: "tar", version: "1.34+dfsg-1.2", id: "CVE-2005-2541", severity: "low" }),
    finding({
      name: "coreutils",
      id: "CVE-2016-2781",
      severity: "low",
      suppressed: {
        by: "ignore",
        reason: "the function is never called",
        source: ".sc/ignore.yaml",
        expires: "2027-01-31",
      },
    }),
  ],
  policy: "--fail-on high",
  verdict: {
    outcome: "violation",
    violations: [{ rule: "severity", message: "3 findings at or above high" }],
    warnings: [],
  },
};

/** What an image may have in any text to harm the reader of a report. */
export const hostileText =
  '=HYPERLINK("http://evil")</td></script><script>alert(1)</script><img src=x onerror=alert(1)>|`@team #12 ${1}\r\n::set-output name=a::b\u001b[2J\u202e\u0000]]> -->&amp;{0}[x](javascript:alert(1))\ud800';

function hostileFinding(severity: Severity, index: number): Finding {
  const suppressed = { by: "ignore", reason: hostileText, source: hostileText, expires: hostileText } as const;
  return {
    ...finding({ name: `h${index}`, severity }),
    id: hostileText,
    aliases: [hostileText],
    package: {
      id: `pkg:npm/h${index}@1`,
      type: hostileText,
      name: hostileText,
      version: hostileText,
      purl: `pkg:npm/h${index}@1`,
      locations: [{ path: `../../${hostileText}`, layer: digest("a"), layerIndex: index }],
    },
    summary: hostileText,
    details: hostileText.repeat(30),
    fixedIn: [hostileText],
    references: ["javascript:alert(1)", hostileText, "https://ok.example/x"],
    ratings: [{ severity, method: "vendor", source: hostileText }],
    published: hostileText,
    ...(index === 4 ? { suppressed } : {}),
  };
}

/** A scan of an image that was built to harm its readers. */
export const hostileReport: ScanReport = {
  ...emptyReport,
  sc: "0.1.0",
  subject: { ...emptyReport.subject, name: `evil/${hostileText}`, repository: "evil/app" },
  distribution: { kind: "distribution", id: hostileText, idLike: [], prettyName: hostileText, fields: {}, path: "x" },
  packages: { [hostileText]: 1 },
  findings: (["critical", "high", "medium", "low", "unknown"] as const).map(hostileFinding),
  coverage: {
    compared: 5,
    uncompared: 2,
    ecosystems: [],
    gaps: [{ reason: "no-advisories", type: hostileText, ecosystem: hostileText, packages: 2, examples: [] }],
    undecided: 0,
  },
  policy: hostileText,
  verdict: {
    outcome: "violation",
    violations: [{ rule: "severity", message: hostileText }],
    warnings: [{ rule: "severity", message: hostileText }],
  },
};

const ranks: readonly Severity[] = ["critical", "high", "medium", "low", "low", "low", "unknown"];

/** A scan with so many findings. */
export function manyReport(count: number, details = "It is vulnerable."): ScanReport {
  const findings = Array.from({ length: count }, (_, index) =>
    finding({
      name: `lib${index}`,
      id: `CVE-2024-${10_000 + index}`,
      severity: ranks[index % ranks.length] ?? "low",
      layer: index % 6,
      details,
      ...(index % 3 === 0 ? { fixedIn: ["2.0"] } : {}),
    }),
  );
  return { ...emptyReport, findings };
}
