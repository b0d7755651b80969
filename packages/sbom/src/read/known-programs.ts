import { stemOf } from "@sc/rootfs";
import type { KnownProgram } from "./known-program.ts";
import { databasePrograms } from "./programs-databases.ts";
import { goPrograms } from "./programs-go.ts";
import { languagePrograms } from "./programs-languages.ts";
import { serverPrograms } from "./programs-servers.ts";

/** Programs that images hold without a package: built from source or copied from elsewhere. Of one file name, in order. */
const knownPrograms: readonly KnownProgram[] = [
  ...languagePrograms,
  ...databasePrograms,
  ...serverPrograms,
  ...goPrograms,
];

/** A file of text that holds nothing but a version. */
interface VersionFile {
  readonly name: string;
  readonly path: RegExp;
  readonly pattern: RegExp;
  readonly cpe: readonly [vendor: string, product: string];
}

const versionFiles: readonly VersionFile[] = [
  {
    name: "go",
    path: /(?:^|\/)VERSION(?:\.cache)?$/,
    pattern: /^(?:devel )?go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+|-[0-9a-f]{7,40})?)/,
    cpe: ["golang", "go"],
  },
  {
    name: "erlang",
    path: /(?:^|\/)releases\/\d+\/OTP_VERSION$/,
    pattern: /^(\d+\.\d+(?:\.\d+){0,3})/,
    cpe: ["erlang", "erlang/otp"],
  },
  {
    name: "firefox",
    path: /(?:^|\/)application\.ini$/,
    pattern: /^Name=Firefox\r?$[^]*?^Version=(\d+(?:\.\d+)+(?:[a-z][\w.-]*)?)\r?$/m,
    cpe: ["mozilla", "firefox"],
  },
];

/** Which of the files that hold a version a file may be, by its name. */
export function versionFileNamed(path: string): VersionFile | undefined {
  return /VERSION(?:\.cache)?$|application\.ini$/.test(path)
    ? versionFiles.find((known) => known.path.test(path))
    : undefined;
}

const byFile: ReadonlyMap<string, readonly KnownProgram[]> = new Map(
  [...new Set(knownPrograms.flatMap(({ files }) => files))].map((file) => [
    file,
    knownPrograms.filter(({ files }) => files.includes(file)),
  ]),
);

/** What the names of their files begin with, as `stems` of a reader has it. */
export const programStems: readonly string[] = [...byFile.keys()].map(stemOf);

/** The programs that a file may be, by its name. */
export function programsNamed(path: string): readonly KnownProgram[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const library = name.search(/\.(?:so|dylib)/);
  // `openssl.so` is what a language loads to reach OpenSSL, and no program.
  if (library !== -1 && !name.startsWith("lib")) return [];
  const stem = library === -1 ? name : name.slice(0, library);
  return (
    byFile.get(stem) ??
    // Only from where the digits begin: from each of them to the end would be square.
    byFile.get(stem.replace(/(?<![.\d-])[.\d-]+$/, "")) ??
    // Python has the flags of its build behind its version.
    byFile.get(stem.replace(/(?<=python)[23]\.\d{1,2}[dmtu]{1,3}$/, "")) ??
    byFile.get(stem.replace(/(?<=pypy)[23][.\d]*(?:-c)?$/, "")) ??
    // Rust has a hash in the names of its libraries, as those have that a wheel of Python brings.
    (library === -1 ? undefined : byFile.get(stem.replace(/-[0-9a-f]{8,16}$/, ""))) ??
    []
  );
}
