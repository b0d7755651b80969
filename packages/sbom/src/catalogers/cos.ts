import { formatPurl, isJsonObject, type JsonValue } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { memberOf, readJsonObject, stringMember } from "../read/json-file.ts";
import { distroQualifier } from "../read/os-purl.ts";
import { isName, isVersion, quote } from "../read/token.ts";

interface CosRecord {
  readonly name: string;
  readonly version: string;
  readonly category?: string;
  /** The version of what was built, where the package's own is that of the image. */
  readonly ebuildVersion?: string;
}

/** What the list of packages says. */
export interface CosFacts {
  readonly packages: readonly CosRecord[];
  readonly faults?: Faults;
}

/**
 * Packages of Google's Container-Optimized OS: those that are installed, not those it was built with.
 *
 * @see https://cloud.google.com/container-optimized-os/docs/concepts/features-and-benefits
 */
export const cos: Cataloger<CosFacts> = {
  id: "cos",
  version: 1,
  evidence: "installed",
  among: { names: ["cos-package-info.json"] },
  wants: ({ path }) => path === place || path.endsWith(`/${place}`),
  read: (file) => {
    const read = readJsonObject(file);
    return "kind" in read ? { ...read, incomplete: true } : factsOf(memberOf(read.json, "installedPackages"));
  },
  *catalog(found, { distribution }) {
    const distro = distribution === undefined ? undefined : distroQualifier(distribution);
    for (const [path, facts] of found) {
      yield* faultProblems(path, facts.faults);
      for (const record of facts.packages) yield packageOf(record, path, distro);
    }
  },
};

const place = "etc/cos-package-info.json";

function factsOf(list: JsonValue | undefined): CosFacts {
  const packages: CosRecord[] = [];
  const faults = new FaultList();
  for (const item of Array.isArray(list) ? list.slice(0, limits.maxRecords) : []) {
    const name = isJsonObject(item) ? stringMember(item, "name") : undefined;
    const version = isJsonObject(item) ? stringMember(item, "version") : undefined;
    if (!isJsonObject(item) || !isName(name) || !isVersion(version)) {
      faults.lose(`the package ${quote(name)} has no valid name or version: ${quote(version)}`);
    } else {
      const category = stringMember(item, "category");
      packages.push(
        defined<CosRecord>({ name, version, category, ebuildVersion: stringMember(item, "ebuild_version") }),
      );
    }
  }
  if (Array.isArray(list) && list.length > limits.maxRecords)
    faults.truncate(`more than ${limits.maxRecords} packages`);
  const found = faults.finish();
  return found === undefined ? { packages } : { packages, faults: found };
}

function packageOf(
  { name, version, category, ebuildVersion }: CosRecord,
  path: string,
  distro: string | undefined,
): FoundPackage {
  return defined<FoundPackage>({
    kind: "package",
    type: "cos",
    name,
    version,
    purl: formatPurl({ type: "cos", name, version, qualifiers: distro === undefined ? {} : { distro } }),
    paths: [path],
    licenses: [],
    origin: "distribution",
    properties: someProperties({ "cos:category": category, "cos:ebuild-version": ebuildVersion }),
  });
}
