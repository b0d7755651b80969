import type { TextPattern } from "./find-text.ts";
import { behind, type KnownProgram } from "./known-program.ts";

/**
 * A version that the linker was told (`-X`): it stands alone between NULs, or behind a number that is no text. The texts
 * of a program's source have no NUL behind them.
 */
function linked(majors: readonly string[], { prefix = "", nuls = 1 } = {}): TextPattern[] {
  const rest = String.raw`\.\d{1,3}\.\d{1,3}(?:-(?:alpha|beta|rc)\.?\d+)?`;
  return majors.map((major) => ({
    literal: `${prefix}${major}.`,
    pattern: new RegExp(String.raw`[^\x20-\x3f\x41-\x7e]L?${prefix}(${major}${rest})\0{${nuls}}`),
  }));
}

/** Behind one text of the source and before another, which the compiler puts together by their length. */
const beats: readonly TextPattern[] = [
  { literal: "Test ", pattern: /Test (\d+\.\d+\.\d+)[a-z%]/ },
  { literal: "plugin", pattern: /plugin(?:output)?(\d+\.\d+\.\d+)[-a-z]/ },
  { literal: "5m.rate", pattern: /5m\.rate(\d+\.\d+\.\d+)-/ },
];

function beat(name: string): KnownProgram {
  return { name, files: [name], cpe: ["elastic", name], patterns: beats };
}

const istioVersion = String.raw`(\d+\.\d+(?:\.\d+)?(?:-(?:alpha|beta|rc)\.\d+|-dev)?)`;

function istio(name: string): KnownProgram {
  const patterns: readonly TextPattern[] = [
    { literal: "\u00001.", pattern: new RegExp(String.raw`\0\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?\0+${istioVersion}\0`) },
    { literal: "Clean\0", pattern: new RegExp(String.raw`Clean\0+${istioVersion}\0`) },
    { literal: "Modified\0", pattern: new RegExp(String.raw`Modified\0+${istioVersion}\0`) },
    ...linked(["1"]),
  ];
  return { name, files: [name], cpe: ["istio", "istio"], patterns };
}

const grafanaVersion = String.raw`(\d{1,2}\.\d+\.\d+(?:-(?:beta\d|test|preview|\d{5,}))?)(?:\+security-\d+)?`;

/** Where Grafana's version stands: one of the numbers that the linker was told, beside others of them. */
const grafana: readonly TextPattern[] = [
  { literal: "\0release-", pattern: new RegExp(String.raw`\0release-${grafanaVersion}\0`) },
  { literal: "\0go1.", pattern: new RegExp(String.raw`\0go1\.\d+\.\d+\0+${grafanaVersion}\0`) },
  { literal: ".0-", pattern: /\0(\d{1,2}\.\d+\.0-\d{5,})\0/ },
  { literal: "\0$a", pattern: new RegExp(String.raw`[^\x20-\x7e]${grafanaVersion}\0+\$a`) },
  { literal: ".x\0", pattern: new RegExp(String.raw`[^\x20-\x7e]${grafanaVersion}\0+v\d+\.\d+\.x\0`) },
  { literal: "\0/usr/local/go", pattern: new RegExp(String.raw`\0${grafanaVersion}\0+/usr/local/go`) },
  { literal: "HEAD\0", pattern: new RegExp(String.raw`HEAD\0[^]{0,80}?\0${grafanaVersion}\0`) },
  { literal: "\0go1.", pattern: new RegExp(String.raw`[^\x20-\x7e]${grafanaVersion}\0[^]{1,40}?\0go1\.\d+\.\d+\0`) },
  { literal: "-test\0", pattern: new RegExp(String.raw`\0${grafanaVersion}\0`) },
  { literal: "-beta", pattern: new RegExp(String.raw`\0${grafanaVersion}\0`) },
];

/** Programs of Go whose releases are told to the linker and not to the build info. */
export const goPrograms: readonly KnownProgram[] = [
  {
    name: "consul",
    files: ["consul"],
    cpe: ["hashicorp", "consul"],
    patterns: [
      behind("CONSUL_VERSION: "),
      { literal: "version.GitDescribe=", pattern: /version\.GitDescribe=v?(\d+\.\d+\.\d+)"/ },
      ...linked(["1"], { prefix: "v" }),
    ],
  },
  {
    name: "vault",
    files: ["vault"],
    cpe: ["hashicorp", "vault"],
    patterns: [
      { literal: "revoke1.", pattern: /revoke(1\.\d+\.\d+)/ },
      { literal: "state1.", pattern: /state(1\.\d+\.\d+-rc\d)/ },
      { literal: "%016x1.", pattern: /%016x(1\.1\d\.\d{1,2})/ },
      ...linked(["1"]),
    ],
  },
  {
    name: "traefik",
    files: ["traefik"],
    cpe: ["traefik", "traefik"],
    patterns: [...linked(["3", "2"], { nuls: 2 }), ...linked(["1"], { prefix: "v" })],
  },
  {
    name: "etcd",
    files: ["etcd", "etcdctl", "etcdutl"],
    cpe: ["etcd", "etcd"],
    // Its text of the version stands among others of that length. The modules that it is made of are released together,
    // and the build info names them, though each is replaced by the folder beside it.
    patterns: ["server", "api"].map((part) => ({
      literal: `go.etcd.io/etcd/${part}/v3\tv3.`,
      pattern: new RegExp(
        String.raw`go\.etcd\.io/etcd/${part}/v3\tv(3\.\d{1,3}\.\d{1,3}(?:-(?:alpha|beta|rc)\.\d+)?)[\t\n]`,
      ),
    })),
  },
  {
    name: "helm",
    files: ["helm"],
    cpe: ["helm", "helm"],
    patterns: linked(["4", "3", "2"], { prefix: "v" }),
  },
  { name: "grafana", files: ["grafana", "grafana-server"], cpe: ["grafana", "grafana"], patterns: grafana },
  istio("pilot-discovery"),
  istio("pilot-agent"),
  {
    name: "nginx-ingress-controller",
    files: ["nginx-ingress-controller"],
    cpe: ["kubernetes", "ingress-nginx"],
    patterns: [
      ...linked(["1", "0"], { prefix: "v", nuls: 2 }),
      ...linked(["1", "0"], { prefix: "v" }),
      ...linked(["0"]),
    ],
  },
  ...["filebeat", "metricbeat", "heartbeat", "packetbeat", "auditbeat"].map(beat),
  {
    name: "elastic-agent",
    files: ["elastic-agent"],
    cpe: ["elastic", "elastic_agent"],
    patterns: [
      { literal: "header", pattern: /enroll(?:: true)?(\d+\.\d+\.\d+)-?header/ },
      { literal: ":https", pattern: /PM(\d+\.\d+\.\d+):https/ },
    ],
  },
];
