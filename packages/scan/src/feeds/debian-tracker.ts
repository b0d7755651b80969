import { Decoder, ScError } from "@sc/model";
import { type Advisory, type AffectedPackage, unknownTime } from "../advisory.ts";
import { isAdvisoryId, readText } from "../decode-advisory.ts";
import { debianCodenames } from "../ecosystems/debian-like.ts";
import { attemptRecord, parseDocument, refuse } from "../feed-document.ts";
import type { AdvisoryFeed, FeedRecord } from "../feed.ts";
import { readJsonMembers } from "../json-members.ts";
import { maxDetailsLength, maxNameLength, maxRecordBytes } from "../limits.ts";
import { rateWord } from "../severity.ts";

/**
 * Debian's security tracker, one document of a hundred megabytes: for every source package and vulnerability what each
 * release's state is. It tells more than OSV's export: what will not be fixed, and why.
 *
 * Unstable is left out, for no image names it as its release, and so are states that nobody has looked into yet.
 *
 * @see https://security-tracker.debian.org/tracker/data/json
 */
export const debianTracker: AdvisoryFeed = {
  id: "debian-tracker",
  recognizes: (start) => /^\s*\{\s*"[^"\\]{1,200}"\s*:\s*\{\s*"(?:CVE|TEMP)-[\w-]{1,100}"\s*:\s*\{/.test(start),
  read: function* ({ chunks, where }) {
    let malformed = 0;
    for (const { keys, bytes } of readJsonMembers(chunks, { where, levels: 2, maxBytes: maxRecordBytes })) {
      const [name = "", vulnerability = ""] = keys;
      const place = `${where}:${name.slice(0, 100)}:${vulnerability.slice(0, 100)}`;
      if (bytes === undefined) {
        yield refuse("ADVISORY_TOO_LARGE", `the entry is larger than ${maxRecordBytes} bytes`, place);
        continue;
      }
      const record: FeedRecord = attemptRecord(place, () => {
        const entry = new Decoder(parseDocument(bytes, { where: place, syntax: "json" }), "$");
        return readEntry(entry, { name, vulnerability });
      });
      if (record.advisory === undefined) malformed += 1;
      if (malformed > maxMalformed) throw otherDocument(where);
      yield record;
    }
  },
};

/** The tracker has none; a document with more is another one, and no half of it is built from. */
const maxMalformed = 1000;

function otherDocument(where: string): ScError {
  return new ScError(
    "ADVISORIES_UNREADABLE",
    `${where}: more than ${maxMalformed} entries are none of Debian's tracker`,
    {
      hint: "Give the tracker's own document, as security-tracker.debian.org publishes it, or leave the file out.",
    },
  );
}

interface EntryName {
  readonly name: string;
  readonly vulnerability: string;
}

function readEntry(entry: Decoder, { name, vulnerability }: EntryName): FeedRecord {
  if (name === "" || name.length > maxNameLength) throw entry.wrong("an entry of a package");
  if (!isAdvisoryId(vulnerability)) throw entry.wrong("an entry of a vulnerability");
  const id = `DEBIAN-${vulnerability}`;
  const releases = entry.member("releases");
  const affected = Object.keys(releases.object()).flatMap((codename) => {
    const release = debianCodenames.get(codename);
    return release === undefined ? [] : readState(releases.member(codename), { id, name, release });
  });
  const details = readText(entry.member("description").value, maxDetailsLength);
  const advisory: Advisory = {
    id,
    aliases: [],
    upstream: [vulnerability],
    modified: unknownTime,
    ...(details === undefined ? {} : { details }),
    references: [`https://security-tracker.debian.org/tracker/${vulnerability}`],
    ratings: [],
    affected,
  };
  return { advisory, unmatched: [], problems: [], part: name };
}

interface StateName {
  readonly id: string;
  readonly name: string;
  readonly release: string;
}

function readState(state: Decoder, { id, name, release }: StateName): readonly AffectedPackage[] {
  const status = state.member("status").string();
  const fixed = state.member("fixed_version").optional((member) => member.string());
  const isOpen = status === "open";
  // Fixed in version 0 is never affected; a state beside open and resolved is one that is not known.
  if (!isOpen && (status !== "resolved" || fixed === undefined || fixed === "0")) return [];
  if (fixed !== undefined && fixed.length > maxNameLength) throw state.member("fixed_version").wrong("a version");
  const urgency = state.member("urgency").optional((member) => member.string()) ?? "";
  const rating = rateWord(urgency, id);
  const reason = state.member("nodsa_reason").optional((member) => member.string());
  return [
    {
      ecosystem: "Debian",
      release,
      name,
      ranges: [
        {
          type: "ECOSYSTEM",
          events: [
            { type: "introduced", version: "0" },
            ...(isOpen || fixed === undefined ? [] : [{ type: "fixed" as const, version: fixed }]),
          ],
        },
      ],
      versions: [],
      ratings: rating === undefined ? [] : [rating],
      ...(urgency === "end-of-life" ? { endOfLife: true } : {}),
      ...(isOpen && reason === "ignored" ? { wontFix: true } : {}),
    },
  ];
}
