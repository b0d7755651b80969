import { Decoder, isScError, type Problem } from "@sc/model";
import { type Advisory, type AffectedPackage, unknownTime } from "../advisory.ts";
import { isAdvisoryId } from "../decode-advisory.ts";
import { attemptRecord, joinChunks, parseDocument, refuse } from "../feed-document.ts";
import type { AdvisoryFeed, FeedRecord } from "../feed.ts";
import { maxIdsPerRecord, maxNameLength, maxSecdbBytes } from "../limits.ts";
import { apk, type ApkVersion } from "../versions/apk.ts";

/**
 * The lists of mended vulnerabilities that Alpine keeps for each release and repository (`main.json`, `community.yaml`),
 * and Wolfi and Chainguard in the same form (`security.json`).
 *
 * The key `0` says that a vulnerability never affected the package. A vulnerability that is listed for several versions
 * counts as mended by the highest, for the earlier ones did not suffice.
 *
 * @see https://secdb.alpinelinux.org/
 */
export const alpineSecdb: AdvisoryFeed = {
  id: "alpine-secdb",
  recognizes: (start) =>
    /^\s*\{\s*"(?:apkurl|archs|distroversion|packages|reponame|urlprefix)"\s*:/.test(start) ||
    /^(?:---|#[^\n]*\n|\s)*(?:apkurl|archs|distroversion|packages|reponame|urlprefix):/.test(start),
  read: function* ({ chunks, syntax, where }) {
    const bytes = joinChunks(chunks, maxSecdbBytes);
    if (bytes === undefined) {
      yield refuse("ADVISORY_TOO_LARGE", `the list is larger than ${maxSecdbBytes} bytes`, where);
      return;
    }
    const read = attemptRecord(where, () => readList(new Decoder(parseDocument(bytes, { where, syntax }), "$"), where));
    if ("problems" in read) yield read;
    else yield* read.records;
  },
};

/** Who publishes such lists, by the address that their packages have. */
const publishers: readonly (readonly [ecosystem: string, host: RegExp])[] = [
  ["Alpine", /^https?:\/\/(?:[\w-]+\.)*alpinelinux\.org(?:\/|$)/],
  ["Wolfi", /^https?:\/\/packages\.wolfi\.dev(?:\/|$)/],
  ["Chainguard", /^https?:\/\/(?:packages\.cgr\.dev|apk\.cgr\.dev)(?:\/|$)/],
];

interface ListFacts {
  readonly ecosystem: string;
  readonly release: string;
  readonly part: string;
}

function readList(list: Decoder, where: string): { readonly records: readonly FeedRecord[] } {
  const facts = readFacts(list);
  const problems: Problem[] = [];
  const fixes = new Map<string, Fixes>();
  for (const entry of list.member("packages").array()) {
    try {
      readPackage(entry.member("pkg"), fixes);
    } catch (cause) {
      if (!isScError(cause)) throw cause;
      problems.push({ kind: "problem", code: "ADVISORY_PACKAGE_MALFORMED", message: cause.message, path: where });
    }
  }
  const records = [...fixes].map(([id, fixed]) => toRecord(id, fixed, facts));
  return { records: problems.length === 0 ? records : [...records, { unmatched: [], problems }] };
}

function readFacts(list: Decoder): ListFacts {
  const prefix = list.member("urlprefix").optional((member) => member.string()) ?? "";
  const version = list.member("distroversion").optional((member) => member.string());
  const release = version !== undefined && /^(?:v\d+\.\d+|edge)$/.test(version) ? version : "";
  const named = publishers.find(([, host]) => host.test(prefix))?.[0];
  const ecosystem = named ?? (prefix === "" && release !== "" ? "Alpine" : undefined);
  if (ecosystem === undefined) throw list.member("urlprefix").wrong("the address of Alpine, Wolfi or Chainguard");
  if (ecosystem === "Alpine" && release === "") throw list.member("distroversion").wrong("a release such as v3.20");
  const repository = list.member("reponame").optional((member) => member.string()) ?? "";
  return { ecosystem, release: ecosystem === "Alpine" ? release : "", part: `${release}/${repository.slice(0, 100)}` };
}

/** What one vulnerability is called besides, and the version that mends it, by package. */
interface Fixes {
  readonly aliases: Set<string>;
  readonly versions: Map<string, FixedVersion>;
}

interface FixedVersion {
  readonly text: string;
  readonly parsed: ApkVersion | undefined;
}

function readPackage(entry: Decoder, fixes: Map<string, Fixes>): void {
  const name = entry.member("name").string();
  if (name === "" || name.length > maxNameLength) throw entry.member("name").wrong("a package name");
  if (entry.member("secfixes").absent) return;
  for (const version of Object.keys(entry.member("secfixes").object())) {
    if (version === "0" || version.length > maxNameLength) continue;
    const member = entry.member("secfixes").member(version);
    if (member.absent) continue;
    const fixed = { text: version, parsed: apk.parse(version) };
    const named = member.array().slice(0, maxIdsPerRecord);
    for (const { id, aliases } of named.flatMap((names) => readNames(names.string()))) {
      note(fixes, { id, aliases, name, fixed });
    }
  }
}

// "CVE-2020-1234 (+ regression fix)", "CVE-2020-1234 GHSA-…", "XSA-1 CVE-1 CVE-2": a list for each vulnerability.
function readNames(text: string): readonly Pick<Fix, "id" | "aliases">[] {
  const words = text.slice(0, maxNameLength).split(/[\s,;()]+/);
  const cves = words.flatMap((word) => /^CVE-\d{4}-\d{4,}/.exec(word)?.[0] ?? []);
  if (cves.length > 1) return cves.map((id) => ({ id, aliases: [] }));
  const [id, ...aliases] = [...cves, ...words.filter(isOtherId)];
  return id === undefined ? [] : [{ id, aliases }];
}

// XSA-450, GHSA-…; not the words of a remark.
function isOtherId(word: string): boolean {
  return /^(?:GHSA-|[A-Z]{2,}-[\w.:-]*\d)/.test(word) && !word.startsWith("CVE-") && isAdvisoryId(word);
}

interface Fix {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly name: string;
  readonly fixed: FixedVersion;
}

function note(fixes: Map<string, Fixes>, { id, aliases, name, fixed }: Fix): void {
  const known = fixes.get(id) ?? { aliases: new Set(), versions: new Map() };
  fixes.set(id, known);
  for (const alias of aliases) known.aliases.add(alias);
  const earlier = known.versions.get(name);
  if (earlier === undefined || isHigher(fixed, earlier)) known.versions.set(name, fixed);
}

function isHigher({ parsed: left }: FixedVersion, { parsed: right }: FixedVersion): boolean {
  return left !== undefined && (right === undefined || apk.compare(left, right) > 0);
}

function toRecord(name: string, { aliases, versions }: Fixes, { ecosystem, release, part }: ListFacts): FeedRecord {
  const affected = [...versions].map(([packageName, { text: version }]): AffectedPackage => ({
    ecosystem,
    release,
    name: packageName,
    ranges: [
      {
        type: "ECOSYSTEM",
        events: [
          { type: "introduced", version: "0" },
          { type: "fixed", version },
        ],
      },
    ],
    versions: [],
    ratings: [],
  }));
  const advisory: Advisory = {
    id: `${ecosystem.toUpperCase()}-${name}`,
    aliases: [...aliases].toSorted(),
    upstream: [name],
    modified: unknownTime,
    references: ecosystem === "Alpine" ? [`https://security.alpinelinux.org/vuln/${encodeURIComponent(name)}`] : [],
    ratings: [],
    affected,
  };
  return { advisory, unmatched: [], problems: [], part };
}
