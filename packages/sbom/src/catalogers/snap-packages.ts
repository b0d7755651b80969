import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { splitFirst } from "../read/cuts.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { isSystemName, isVersion, quote } from "../read/token.ts";
import { tooLarge } from "../read/too-large.ts";

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
}

interface SnapPackages {
  readonly packages: readonly Packed[];
  readonly faults?: Faults;
}

/**
 * Packages of Ubuntu that a snap was built with and has in it, by the manifest that Snapcraft leaves there, and those of a
 * base snap, by its own list. Advisories of the image's distribution do not speak of them: they are of Ubuntu's release
 * that the snap was built on, which neither file names.
 *
 * @see https://documentation.ubuntu.com/snapcraft/stable/reference/
 */
export const snapPackages: Cataloger<SnapPackages> = {
  id: "snap-packages",
  version: 1,
  evidence: "installed",
  among: { names: ["manifest.yaml", "dpkg.yaml"] },
  wants: ({ path }) => place.test(path),
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readList(file),
  *catalog(found) {
    for (const [path, { packages, faults }] of found) {
      yield* faultProblems(path, faults);
      for (const one of packages) yield packageOf(one, path);
    }
  },
};

const place = /(?:^|\/)(?:snap\/manifest|usr\/share\/snappy\/dpkg)\.yaml$/;

/** The list at the margin whose items are `name=version` or `name:architecture=version`, as both tools write it. */
function readList(file: CapturedFile): SnapPackages | Problem {
  const faults = new FaultList();
  const packages = new Map<string, Packed>();
  let isOpen = false;
  for (const line of splitFirst(file.text(limits.maxManifestBytes), "\n", limits.maxYamlLines, "lines")) {
    const item = /^\s*-\s+(\S.*)$/.exec(line)?.[1];
    if (item === undefined) isOpen = isOpen ? !/^\S/.test(line) : /^(?:primed-stage-packages|packages):\s*$/.test(line);
    else if (isOpen) addItem(item.trim().replace(/^(['"])(.*)\1$/, "$2"), packages, faults);
  }
  const told = faults.finish();
  return { packages: [...packages.values()], ...(told === undefined ? {} : { faults: told }) };
}

function addItem(item: string, packages: Map<string, Packed>, faults: FaultList): void {
  const equals = item.indexOf("=");
  const [name = "", architecture] = item.slice(0, Math.max(0, equals)).split(":", 2);
  const version = item.slice(equals + 1);
  if (!isSystemName(name) || !isVersion(version)) faults.lose(`${quote(item)} is no name and version of a package`);
  else if (packages.size >= limits.maxRecords) faults.truncate(`more than ${limits.maxRecords} packages`);
  else packages.set(item, isSystemName(architecture) ? { name, version, architecture } : { name, version });
}

function packageOf({ name, version, architecture }: Packed, path: string): FoundPackage {
  const qualifiers = architecture === undefined ? {} : { arch: architecture };
  return {
    kind: "package",
    type: "deb",
    name,
    version,
    purl: formatPurl({ type: "deb", namespace: "ubuntu", name, version, qualifiers }),
    paths: [path],
    licenses: [],
    // Neither list names sources, whose names advisories go by: most are their packages' own.
    source: { name },
    origin: "third-party",
    ...(architecture === undefined ? {} : { architecture }),
  };
}
