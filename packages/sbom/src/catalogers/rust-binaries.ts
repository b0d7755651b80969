import { inflateSync } from "node:zlib";
import {
  formatPurl,
  isJsonArray,
  isJsonObject,
  isScError,
  type JsonObject,
  type JsonValue,
  parseJson,
  type Problem,
} from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { limits } from "../limits.ts";
import { findSection, isExecutable, readExecutable, readSection } from "../read/executable.ts";
import { executableParts } from "../read/executable-parts.ts";
import { memberOf, stringMember } from "../read/json-file.ts";
import { unreadable } from "../read/too-large.ts";
import { isName, isVersion, shortText } from "../read/token.ts";
import { firstOf } from "../read/cuts.ts";

/** A crate that was compiled into a binary, or that took part in its build. */
interface Crate {
  readonly name: string;
  readonly version: string;
  readonly source?: string;
  /** Only build scripts and procedural macros used it: nothing of it need be in the binary. */
  readonly build?: true;
  readonly root?: true;
  /** Places in the list. */
  readonly dependencies: readonly number[];
}

/** What cargo-auditable left in one binary. */
export interface RustFacts {
  readonly crates: readonly Crate[];
  /** How many entries were left out because they name no crate. */
  readonly dropped: number;
}

/** What the format's specification recommends. */
const maxListBytes = 8_388_608;

/**
 * Crates of Rust binaries that were built with cargo-auditable, by the list it has the linker put in.
 *
 * @see https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md
 */
export const rustBinaries: Cataloger<RustFacts> = {
  id: "rust-binaries",
  version: 1,
  evidence: "installed",
  among: {},
  wants: () => false,
  sniff: isExecutable,
  parts: executableParts,
  read: readRustBinary,
  *catalog(found) {
    for (const [path, { crates, dropped }] of found) {
      for (const [index] of crates.entries()) yield* cratePackage(crates, index, path);
      if (dropped === 0) continue;
      const message = `${path}: ${dropped} crates in its list have no valid name or version`;
      yield { kind: "problem", code: "RECORD_MALFORMED", message, path };
    }
  },
};

function readRustBinary(file: CapturedFile): RustFacts | Problem | undefined {
  const executable = readExecutable(file);
  const section = executable === undefined ? undefined : findSection(executable, ".dep-v0");
  if (section === undefined) return undefined;
  const packed = readSection(file, section, maxListBytes);
  const json = packed === undefined ? undefined : inflateJson(packed, file.path);
  const packages = json === undefined ? undefined : memberOf(json, "packages");
  if (!isJsonArray(packages)) return unreadable(file, "its .dep-v0 section is no list of crates, or a too long one");
  if (packages.length > limits.maxRecords) return unreadable(file, `its list has ${packages.length} crates`);
  return cratesOf(packages);
}

function inflateJson(packed: Uint8Array, where: string): JsonObject | undefined {
  try {
    const json = parseJson(inflateSync(packed, { maxOutputLength: maxListBytes }), where);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    // What is no zlib stream, too long or no JSON is all the same here: nothing that can be read.
    if (isScError(error) || (error instanceof Error && "code" in error)) return undefined;
    throw error;
  }
}

/** The crates in the list's order; one that is none keeps its place, without a name, since others name it by place. */
function cratesOf(packages: readonly JsonValue[]): RustFacts {
  const crates = packages.map((entry) => crateOf(isJsonObject(entry) ? entry : {}));
  return { crates, dropped: crates.filter(({ name }) => name === "").length };
}

function crateOf(entry: JsonObject): Crate {
  const name = stringMember(entry, "name");
  const version = stringMember(entry, "version");
  if (!isName(name) || !isVersion(version)) return { name: "", version: "", dependencies: [] };
  const dependencies = memberOf(entry, "dependencies");
  return defined<Crate>({
    name,
    version,
    source: shortText(stringMember(entry, "source")),
    build: stringMember(entry, "kind") === "build" ? true : undefined,
    root: memberOf(entry, "root") === true ? true : undefined,
    dependencies: firstOf(
      isJsonArray(dependencies) ? dependencies : [],
      limits.maxNames,
      "crates that one depends on",
    ).filter((index) => typeof index === "number"),
  });
}

/** How crates of one binary name each other. */
function here(path: string, { name, version }: Crate): string {
  return `${path}#${name}@${version}`;
}

function* cratePackage(crates: readonly Crate[], index: number, path: string): Generator<FoundPackage> {
  const crate = crates[index];
  if (crate === undefined || crate.name === "") return;
  const { name, version, source } = crate;
  yield defined<FoundPackage>({
    kind: "package",
    type: "cargo",
    name,
    version,
    purl: formatPurl({ type: "cargo", name, version }),
    paths: [path],
    licenses: [],
    properties: someProperties({
      "rust:source": source === undefined || source === "crates.io" ? undefined : source,
      "rust:build-dependency": crate.build === true ? "true" : undefined,
      "rust:root": crate.root === true ? "true" : undefined,
    }),
    provides: [here(path, crate)],
    dependsOn: crate.dependencies.flatMap((place) => {
      const to = crates[place];
      return to === undefined || to.name === "" ? [] : [here(path, to)];
    }),
  });
}
