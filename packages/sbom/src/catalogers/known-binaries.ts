import { formatPurl } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { isExecutable } from "../read/executable.ts";
import { findText } from "../read/find-text.ts";
import { programsNamed, programStems, versionFiles } from "../read/known-programs.ts";

/** Which program a file is. */
export interface KnownBinary {
  readonly name: string;
  readonly version: string;
  readonly cpe: readonly [vendor: string, product: string];
}

/**
 * Programs that no package manager knows of, told by the name of the file and the version in its binary. A copy that
 * a package of the operating system brought is that package, and left out.
 */
export const knownBinaries: Cataloger<KnownBinary> = {
  id: "known-binaries",
  version: 3,
  evidence: "installed",
  yieldsToOwner: true,
  joinsCopies: true,
  among: { stems: programStems, names: ["VERSION", "VERSION.cache", "OTP_VERSION", "application.ini"] },
  wants: ({ path, size }) => size > 0 && (programsNamed(path).length > 0 || versionFileOf(path) !== undefined),
  read: (file) => readVersionFile(file) ?? readBinary(file),
  *catalog(found) {
    for (const [path, binary] of found) yield packageOf(binary, path);
  },
};

function versionFileOf(path: string): (typeof versionFiles)[number] | undefined {
  return /VERSION(?:\.cache)?$|application\.ini$/.test(path)
    ? versionFiles.find((known) => known.path.test(path))
    : undefined;
}

function readVersionFile(file: CapturedFile): KnownBinary | undefined {
  const known = versionFileOf(file.path);
  const text = known === undefined ? "" : Buffer.from(file.readAt(0, 1024)).toString("latin1");
  const version = known?.pattern.exec(text)?.[1];
  return known === undefined || version === undefined ? undefined : { name: known.name, version, cpe: known.cpe };
}

function readBinary(file: CapturedFile): KnownBinary | undefined {
  const executable = isExecutable(file.readAt(0, 64));
  for (const { name, cpe, patterns, requires, plain } of programsNamed(file.path)) {
    if (!executable && plain !== true) continue;
    if (requires !== undefined && findText(file, { literal: requires, pattern: /([^])/ }) === undefined) continue;
    for (const pattern of patterns) {
      const version = findText(file, pattern);
      if (version !== undefined) return { name, version, cpe };
    }
  }
  return undefined;
}

function packageOf({ name, version, cpe: [vendor, product] }: KnownBinary, path: string): FoundPackage {
  return {
    kind: "package",
    type: "generic",
    name,
    version,
    purl: formatPurl({ type: "generic", name, version }),
    paths: [path],
    licenses: [],
    cpes: [
      `cpe:2.3:a:${vendor}:${product.replace("/", String.raw`\/`)}:${version.replace("+", String.raw`\+`)}:*:*:*:*:*:*:*`,
    ],
  };
}
