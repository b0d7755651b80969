import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { limits } from "../limits.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";
import { splitFirst } from "../read/cuts.ts";

/** What the description of a snap says. */
export interface SnapFacts {
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  readonly base?: string;
  readonly type?: string;
}

/**
 * Snaps that lie unpacked in an image.
 *
 * @see https://snapcraft.io/docs/snap-format
 */
export const snap: Cataloger<SnapFacts> = {
  id: "snap",
  version: 1,
  evidence: "installed",
  among: { names: ["snap.yaml"] },
  wants: ({ path }) => path.endsWith("/meta/snap.yaml") && /(^|\/)snap\//.test(path),
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readDescription(file),
  *catalog(found) {
    for (const [path, { name, version, summary, base, type }] of found) {
      yield defined<FoundPackage>({
        kind: "package",
        type: "snap",
        name,
        version,
        purl: formatPurl({ type: "snap", name, version }),
        paths: [path],
        licenses: [],
        description: summary,
        dependsOn: base === undefined ? undefined : [base],
        properties: someProperties({ "snap:type": type }),
      });
    }
  },
};

/** The members that matter are texts on one line at the left margin, in snaps as snapcraft writes them. */
function readDescription(file: CapturedFile): SnapFacts | Problem {
  const members = new Map<string, string>();
  for (const line of splitFirst(file.text(limits.maxManifestBytes), "\n", limits.maxFields, "lines")) {
    const colon = line.indexOf(":");
    const key = line.slice(0, Math.max(colon, 0));
    if (/^[a-z]{1,20}$/.test(key) && !members.has(key)) members.set(key, unquoted(line.slice(colon + 1).trim()));
  }
  const name = members.get("name");
  const version = members.get("version");
  if (!isName(name) || !isVersion(version)) {
    return {
      ...malformed(file, `the snap ${quote(name)} has no valid name or version: ${quote(version)}`),
      incomplete: true,
    };
  }
  const base = members.get("base");
  const texts = { summary: shortText(members.get("summary")), type: shortText(members.get("type")) };
  return defined<SnapFacts>({ name, version, ...texts, base: isName(base) ? base : undefined });
}

function unquoted(text: string): string {
  return /^'[^']*'$|^"[^"\\]*"$/.test(text) ? text.slice(1, -1) : text;
}
