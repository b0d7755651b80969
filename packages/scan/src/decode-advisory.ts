import {
  Decoder,
  isJsonObject,
  isScError,
  type JsonObject,
  type JsonValue,
  parseJson,
  type Problem,
  type Rating,
} from "@sc/model";
import {
  type Advisory,
  type AffectedEvent,
  type AffectedPackage,
  type AffectedRange,
  unknownTime,
} from "./advisory.ts";
import { readBinaries } from "./binary-packages.ts";
import { compareTexts } from "./decimal.ts";
import { rateVector } from "./cvss.ts";
import { splitEcosystem } from "./ecosystem.ts";
import type { Ecosystem } from "./ecosystems/ecosystem.ts";
import {
  maxAffectedPerRecord,
  maxDetailsLength,
  maxEventsPerRange,
  maxIdsPerRecord,
  maxNameLength,
  maxRangesPerPackage,
  maxRecordBytes,
  maxReferences,
  maxSummaryLength,
  maxVersionsPerPackage,
} from "./limits.ts";
import { rateWord } from "./severity.ts";

/** An advisory read from a file, and what was wrong with parts of it. */
export interface DecodedAdvisory {
  /** Absent when nothing of the record can be used. */
  readonly advisory?: Advisory;
  /** Packages of ecosystems that cannot be matched, by the ecosystem's name. */
  readonly unmatched: readonly string[];
  readonly problems: readonly Problem[];
}

/** Where an advisory was read. */
export interface DecodeAdvisoryOptions {
  /** The file, for problems. */
  readonly where: string;
  /** The id that the file's name promises; a record of another id is refused. */
  readonly id?: string;
}

/**
 * The advisory in one OSV record (schema 1.7 and before). Nothing in it is trusted: what cannot be read is a problem
 * and nothing is thrown; a package that cannot be read leaves the others of its record as they are.
 *
 * @see https://ossf.github.io/osv-schema/
 */
export function decodeAdvisory(bytes: Uint8Array, { where, id }: DecodeAdvisoryOptions): DecodedAdvisory {
  if (bytes.length > maxRecordBytes) {
    return refuse("ADVISORY_TOO_LARGE", `${bytes.length} bytes are more than ${maxRecordBytes}`, where);
  }
  try {
    return decodeAdvisoryValue(parseJson(bytes, where), { where, ...(id === undefined ? {} : { id }) });
  } catch (cause) {
    if (!isScError(cause)) throw cause;
    return refuse("ADVISORY_MALFORMED", cause.message, where);
  }
}

/** The advisory in an OSV record that is parsed already. Throws `DECODE_FAILED` where the whole of it is none. */
export function decodeAdvisoryValue(value: JsonValue, { where, id: expected }: DecodeAdvisoryOptions): DecodedAdvisory {
  const record = new Decoder(value, "$");
  const id = record.member("id").string();
  if (!isAdvisoryId(id)) throw record.member("id").wrong("an advisory id");
  if (expected !== undefined && fileName(id) !== fileName(expected)) {
    return refuse("ADVISORY_ID_MISMATCH", `the file is named for another record than ${JSON.stringify(id)}`, where);
  }
  const fields = record.object();
  const common = readRatings(fields, id);
  const problems: Problem[] = [];
  const unmatched: string[] = [];
  const affected: AffectedPackage[] = [];
  const streams = readStreams(fields["summary"]);
  for (const entry of readAffectedEntries(record)) {
    try {
      const read = readAffected(entry, { id, streams });
      if (typeof read === "string") unmatched.push(read);
      else if (read !== undefined) affected.push(read);
    } catch (cause) {
      if (!isScError(cause)) throw cause;
      problems.push(problem("ADVISORY_PACKAGE_MALFORMED", `${id}: ${cause.message}`, where));
    }
  }
  const advisory: Advisory = {
    id,
    aliases: readIds(record.member("aliases"), id),
    upstream: readUpstream(record, { id, affected }),
    modified: readTime(fields["modified"]) ?? unknownTime,
    ...optional("published", readTime(fields["published"])),
    ...(record.member("withdrawn").absent ? {} : { withdrawn: true }),
    ...optional("summary", readText(fields["summary"], maxSummaryLength)),
    ...optional("details", readText(fields["details"], maxDetailsLength)),
    references: readReferences(fields["references"]),
    ratings: common,
    affected,
  };
  return { advisory, unmatched, problems };
}

/**
 * Whether a text may be an advisory's id. They reach file names, tables and other tools: letters, digits and what the
 * known databases use between them.
 */
export function isAdvisoryId(text: string): boolean {
  return text.length <= 200 && /^[A-Za-z][\w.:+-]*$/.test(text);
}

// File systems do not take every character of an id: RHSA-2024:4546 lies in RHSA-2024_4546.json.
function fileName(id: string): string {
  return id.replaceAll(/[^\w.+-]/g, "_");
}

function readAffectedEntries(record: Decoder): readonly Decoder[] {
  const member = record.member("affected");
  if (member.absent) return [];
  return bounded(member, maxAffectedPerRecord);
}

function bounded(member: Decoder, maxLength: number): readonly Decoder[] {
  if (Array.isArray(member.value) && member.value.length > maxLength) {
    throw member.wrong(`at most ${maxLength} elements instead of ${member.value.length}`);
  }
  return member.array();
}

interface RecordContext {
  readonly id: string;
  /** The module streams that the record names. */
  readonly streams: readonly string[];
}

/** The package; the name of its ecosystem when that cannot be matched; nothing where the entry names no package. */
function readAffected(entry: Decoder, { id, streams }: RecordContext): AffectedPackage | string | undefined {
  const named = entry.member("package");
  if (named.absent) return undefined;
  const text = named.member("ecosystem").string();
  const { ecosystem, release } = splitEcosystem(text);
  if (ecosystem === undefined) return text.split(":", 1)[0]?.slice(0, 100);
  const name = ecosystem.normalizeName(named.member("name").string());
  if (name === "" || name.length > maxNameLength || release.length > maxNameLength) throw named.wrong("a package name");
  const purl = named.member("purl").optional((member) => member.string());
  if (purl !== undefined && ecosystem.isOwn?.(purl) === false) return undefined;
  const fields = entry.object();
  const specific = asObject(fields["ecosystem_specific"]);
  const urgency = typeof specific["urgency"] === "string" ? specific["urgency"] : "";
  const vendor = rateWord(urgency, id);
  const ranges = readRanges(entry.member("ranges"));
  const isModular = ecosystem.scheme === "rpm" && ranges.some(({ events }) => events.some(isOfModule));
  return {
    ecosystem: ecosystem.name,
    release,
    name,
    ranges,
    versions: readVersions(entry.member("versions")),
    ratings: [...readRatings(fields, id), ...(vendor === undefined ? [] : [vendor])],
    ...(urgency === "end-of-life" ? { endOfLife: true } : {}),
    ...(isModular ? { modules: streams } : {}),
    ...readListed(ecosystem, specific),
  };
}

function readListed({ listsBinaries }: Ecosystem, specific: JsonObject): Pick<AffectedPackage, "binaries"> {
  const binaries = listsBinaries === true ? readBinaries(specific["binaries"]) : undefined;
  return binaries === undefined ? {} : { binaries };
}

function isOfModule({ version }: AffectedEvent): boolean {
  return version.includes(".module");
}

// Records name the stream in the summary alone: "nodejs:18 security update".
function readStreams(summary: JsonValue | undefined): readonly string[] {
  const text = typeof summary === "string" ? summary.slice(0, maxSummaryLength) : "";
  return [...new Set(text.match(/(?<![\w:.+-])[a-z][\w+-]{0,60}:[\w.+-]{1,60}/g))];
}

// Updates of some distributions give the CVEs that they mend as related.
function readUpstream(
  record: Decoder,
  { id, affected }: { readonly id: string; readonly affected: readonly AffectedPackage[] },
): readonly string[] {
  const upstream = readIds(record.member("upstream"), id);
  const areParts = affected.some(({ ecosystem }) => splitEcosystem(ecosystem).ecosystem?.relatedAreParts === true);
  if (!areParts || upstream.some((name) => name.startsWith("CVE-"))) return upstream;
  return [...upstream, ...readIds(record.member("related"), id).filter((name) => name.startsWith("CVE-"))];
}

function readRanges(member: Decoder): readonly AffectedRange[] {
  if (member.absent) return [];
  const ranges: AffectedRange[] = [];
  for (const range of bounded(member, maxRangesPerPackage)) {
    const type = range.member("type").string();
    if (type !== "SEMVER" && type !== "ECOSYSTEM") continue;
    ranges.push({ type, events: bounded(range.member("events"), maxEventsPerRange).flatMap(readEvents) });
  }
  return ranges;
}

const eventTypes = ["introduced", "fixed", "last_affected", "limit"] as const;

function readEvents(event: Decoder): readonly AffectedEvent[] {
  return eventTypes.flatMap((type) => {
    const member = event.member(type);
    if (member.absent) return [];
    const version = member.string();
    if (version.length > maxNameLength) throw member.wrong("a version");
    return [{ type, version }];
  });
}

function readVersions(member: Decoder): readonly string[] {
  if (member.absent) return [];
  const { value } = member;
  if (!Array.isArray(value) || value.length > maxVersionsPerPackage) {
    throw member.wrong(`an array of at most ${maxVersionsPerPackage} versions`);
  }
  return value.filter((version): version is string => typeof version === "string" && version.length <= maxNameLength);
}

function readIds(member: Decoder, own: string): readonly string[] {
  if (!Array.isArray(member.value)) return [];
  const ids = member.value
    .slice(0, maxIdsPerRecord)
    .filter((id): id is string => typeof id === "string" && isAdvisoryId(id));
  return [...new Set(ids)].filter((id) => id !== own).toSorted(compareTexts);
}

function readRatings(fields: JsonObject, id: string): readonly Rating[] {
  const ratings: Rating[] = [];
  const claims = fields["severity"];
  for (const claim of Array.isArray(claims) ? claims.slice(0, 20) : []) {
    const { type, score } = asObject(claim);
    if (typeof type !== "string" || typeof score !== "string") continue;
    const rating = type.startsWith("CVSS") ? rateVector(score, id) : rateWord(score, id);
    if (rating !== undefined) ratings.push(rating);
  }
  const word = asObject(fields["database_specific"])["severity"];
  const vendor = typeof word === "string" ? rateWord(word, id) : undefined;
  return vendor === undefined ? ratings : [...ratings, vendor];
}

function readReferences(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  const urls = value.slice(0, 10 * maxReferences).map((reference) => asObject(reference)["url"]);
  const safe = urls.filter((url): url is string => typeof url === "string" && isWebAddress(url));
  return [...new Set(safe)].slice(0, maxReferences);
}

function isWebAddress(url: string): boolean {
  return url.length <= 2_000 && /^https?:\/\/\S+$/.test(url);
}

function readTime(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d)$/.test(value)
    ? value
    : undefined;
}

/** A text cut to a bound; `undefined` where there is none. */
export function readText(value: JsonValue | undefined, maxLength: number): string | undefined {
  if (typeof value !== "string" || value.trim() === "") return undefined;
  return value.length <= maxLength ? value : `${value.slice(0, maxLength - 1).toWellFormed()}…`;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function optional<Key extends string>(key: Key, value: string | undefined): Readonly<Partial<Record<Key, string>>> {
  const member: Partial<Record<Key, string>> = {};
  if (value !== undefined) member[key] = value;
  return member;
}

function refuse(code: string, message: string, where: string): DecodedAdvisory {
  return { unmatched: [], problems: [problem(code, message, where)] };
}

function problem(code: string, message: string, path: string): Problem {
  return { kind: "problem", code, message, path };
}
