import type { Distribution } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { tooLarge } from "../read/too-large.ts";
import { isName, isSystemName, quote, shortText } from "../read/token.ts";

/** What one os-release file says. */
export interface OsReleaseFacts {
  readonly fields: Readonly<Record<string, string>>;
  readonly faults?: Faults;
}

/** In the order of precedence: the second is the distribution's own file, which the first may replace. */
const places = ["etc/os-release", "usr/lib/os-release"];
const maxBytes = 1024 * 1024;
const maxFields = 200;

/**
 * The distribution that os-release names.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
export const osRelease: Cataloger<OsReleaseFacts> = {
  id: "os-release",
  version: 1,
  evidence: "installed",
  among: { names: ["os-release"] },
  wants: (file) => places.includes(file.path),
  read: (file) => tooLarge(file, maxBytes) ?? parseOsRelease(file.text(maxBytes)),
  *catalog(found) {
    for (const path of places) {
      const facts = found.get(path);
      if (facts === undefined) continue;
      yield* faultProblems(path, facts.faults);
      const distribution = distributionOf(facts.fields, path);
      if (distribution !== undefined) {
        yield distribution;
        return;
      }
    }
  },
};

function parseOsRelease(text: string): OsReleaseFacts {
  const fields = new Map<string, string>();
  const faults = new FaultList();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const assignment = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(line);
    const value = assignment === null ? undefined : unquote(assignment[2] ?? "");
    const name = assignment?.[1];
    if (name === undefined || value === undefined) faults.add(`line ${index + 1}: ${quote(line)} is no assignment`);
    else if (fields.size >= maxFields && !fields.has(name)) faults.add(`line ${index + 1}: too many fields`);
    else fields.set(name, value.slice(0, 4096));
  }
  const found = faults.finish();
  const facts = { fields: Object.fromEntries(fields) };
  return found === undefined ? facts : { ...facts, faults: found };
}

/** The value of a shell assignment, without expansion; `undefined` when its quotes do not match. */
function unquote(text: string): string | undefined {
  const mark = text[0];
  if (mark !== '"' && mark !== "'") return /["'\s]/.test(text) ? undefined : text.replaceAll(/\\(.)/g, "$1");
  if (text.length < 2 || text.at(-1) !== mark) return undefined;
  const inner = text.slice(1, -1);
  if (mark === "'") return inner.includes("'") ? undefined : inner;
  return inner.replaceAll(/\\(["$`\\])/g, "$1");
}

function distributionOf(fields: Readonly<Record<string, string>>, path: string): Distribution | undefined {
  if (Object.keys(fields).length === 0) return undefined;
  const { ID, ID_LIKE, VERSION_ID, VERSION_CODENAME, PRETTY_NAME, ...others } = fields;
  return defined<Distribution>({
    kind: "distribution",
    // The standard's own default.
    id: isSystemName(ID) ? ID.toLowerCase() : "linux",
    idLike: (ID_LIKE ?? "").toLowerCase().split(/\s+/).filter(isSystemName),
    versionId: isSystemName(VERSION_ID) ? VERSION_ID : undefined,
    versionCodename: isName(VERSION_CODENAME) ? VERSION_CODENAME : undefined,
    prettyName: shortText(PRETTY_NAME),
    fields: others,
    path,
  });
}
