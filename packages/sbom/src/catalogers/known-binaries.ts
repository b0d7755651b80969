import { formatPurl } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { searchBytes, searchMemory } from "../read/byte-fields.ts";
import { programsNamed, programStems, versionFileNamed } from "../read/known-programs.ts";
import { type KnownBinary, ProgramSearch } from "../read/program-search.ts";

/**
 * Programs that no package manager knows of, told by the name of the file and the version in its binary. A copy that
 * a package of the operating system brought is that package, and left out.
 */
export const knownBinaries: Cataloger<KnownBinary> = {
  id: "known-binaries",
  version: 5,
  evidence: "installed",
  yieldsToOwner: true,
  joinsCopies: true,
  among: { stems: programStems, names: ["VERSION", "VERSION.cache", "OTP_VERSION", "application.ini"] },
  wants: ({ path, size }) => size > 0 && (programsNamed(path).length > 0 || versionFileNamed(path) !== undefined),
  read: readBinary,
  scan: (file) => new ProgramSearch(file),
  *catalog(found) {
    for (const [path, binary] of found) yield packageOf(binary, path);
  },
};

/** The same search as of a file that passes. */
function readBinary(file: CapturedFile): KnownBinary | undefined {
  const search = new ProgramSearch({ ...file, type: "file" });
  for (let at = 0; at < file.size; at += searchBytes.piece) {
    if (!search.push(file.readAt(at, searchBytes.piece, searchMemory()))) break;
  }
  return search.finish();
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
