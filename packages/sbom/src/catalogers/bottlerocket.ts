import { formatPurl, isJsonObject, type JsonObject, type Problem } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { memberOf, readJsonObject, stringMember } from "../read/json-file.ts";
import { distroQualifier } from "../read/os-purl.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";
import { firstOf } from "../read/cuts.ts";

/** What the inventory of applications says. */
export interface BottlerocketFacts {
  readonly packages: readonly JsonObject[];
  readonly omitted: number;
}

/**
 * Packages of Amazon's Bottlerocket, from the inventory in its images.
 *
 * @see https://github.com/bottlerocket-os/bottlerocket
 */
export const bottlerocket: Cataloger<BottlerocketFacts> = {
  id: "bottlerocket",
  version: 1,
  evidence: "installed",
  among: { names: ["application-inventory.json"] },
  wants: ({ path }) => path === place || path.endsWith(`/${place}`),
  read: (file) => {
    const read = readJsonObject(file);
    if ("kind" in read) return { ...read, incomplete: true };
    const content = memberOf(read.json, "Content");
    const list = Array.isArray(content) ? content : [];
    const packages = firstOf(list, limits.maxRecords, "packages").filter((item) => isJsonObject(item));
    return { packages, omitted: list.length - packages.length };
  },
  *catalog(found, { distribution }) {
    const distro = distribution === undefined ? undefined : distroQualifier(distribution);
    for (const [path, { packages, omitted }] of found) {
      let lost = omitted;
      let last: string | undefined;
      for (const entry of packages) {
        const one = packageOf(entry, path, distro);
        if (one !== undefined) yield one;
        else {
          lost += 1;
          last = stringMember(entry, "Name");
        }
      }
      if (lost > 0) yield incomplete(path, lost, last);
    }
  },
};

const place = "usr/share/bottlerocket/application-inventory.json";

function incomplete(path: string, count: number, last: string | undefined): Problem {
  const message = `${path}: ${count} packages have no valid name or version; the last is ${quote(last)}`;
  return { kind: "problem", code: "RECORD_MALFORMED", message, path, incomplete: true };
}

function packageOf(entry: JsonObject, path: string, distro: string | undefined): FoundPackage | undefined {
  const text = (name: string): string | undefined => shortText(stringMember(entry, name));
  const name = text("Name");
  const bare = text("Version");
  const release = text("Release");
  const version = bare !== undefined && release !== undefined ? `${bare}-${release}` : bare;
  if (!isName(name) || !isVersion(version)) return undefined;
  const epoch = text("Epoch");
  const architecture = text("Architecture");
  const qualifiers = defined<Record<string, string>>({ arch: architecture, distro });
  return defined<FoundPackage>({
    kind: "package",
    type: "bottlerocket",
    name,
    version: epoch === undefined || epoch === "0" ? version : `${epoch}:${version}`,
    purl: formatPurl({
      type: "bottlerocket",
      name,
      version,
      qualifiers: epoch === undefined || epoch === "0" ? qualifiers : { ...qualifiers, epoch },
    }),
    paths: [path],
    licenses: [],
    origin: "distribution",
    architecture,
    supplier: text("Publisher"),
    description: text("Summary"),
    homepage: text("Url"),
  });
}
