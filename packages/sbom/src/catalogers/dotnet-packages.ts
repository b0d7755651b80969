import { formatPurl, isJsonObject, isScError, parseJson, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readBundledDependencies } from "../read/dotnet-bundle.ts";
import { type DotnetDependencies, type DotnetLibrary, parseDotnetDependencies } from "../read/dotnet-deps.ts";
import { isExecutable, readExecutable } from "../read/executable.ts";
import { executableParts } from "../read/executable-parts.ts";
import { readJsonObject } from "../read/json-file.ts";
import { unreadable } from "../read/too-large.ts";

/**
 * NuGet packages that .NET applications were built with, by their `.deps.json`: beside them, or inside an application
 * that is a single file.
 */
export const dotnetPackages: Cataloger<DotnetDependencies> = {
  id: "dotnet-packages",
  version: 2,
  evidence: "installed",
  among: { extensions: ["json"] },
  wants: (file) => file.path.endsWith(".deps.json"),
  sniff: isExecutable,
  parts: executableParts,
  read: (file) => (file.path.endsWith(".deps.json") ? readFile(file) : readBundle(file)),
  *catalog(found) {
    for (const [path, { libraries, dropped }] of found) {
      for (const library of libraries) yield packageOf(library, path);
      if (dropped === 0) continue;
      const message = `${path}: ${dropped} libraries have no valid name or version`;
      yield { kind: "problem", code: "RECORD_MALFORMED", message, path };
    }
  },
};

function readFile(file: CapturedFile): DotnetDependencies | Problem {
  const document = readJsonObject(file);
  if ("kind" in document) return document;
  return parseDotnetDependencies(document.json) ?? unreadable(file, "it lists no libraries");
}

function readBundle(file: CapturedFile): DotnetDependencies | Problem | undefined {
  const executable = readExecutable(file);
  const bytes = executable === undefined ? undefined : readBundledDependencies(file, executable);
  if (bytes === undefined) return undefined;
  if (typeof bytes === "string") return unreadable(file, bytes);
  try {
    const json = parseJson(bytes, file.path);
    const found = isJsonObject(json) ? parseDotnetDependencies(json) : undefined;
    return found ?? unreadable(file, "the .deps.json in its .NET bundle lists no libraries");
  } catch (error) {
    if (isScError(error)) return unreadable(file, "the .deps.json in its .NET bundle is no JSON document");
    throw error;
  }
}

function here(path: string, name: string): string {
  return `${path}#${name.toLowerCase()}`;
}

/** A project is the application's own: no registry knows it, and a package of that name there is another. */
function packageOf({ name, version, type, sha512, dependencies }: DotnetLibrary, path: string): FoundPackage {
  const kind = type === "project" ? "generic" : "nuget";
  return defined<FoundPackage>({
    kind: "package",
    type: kind,
    name,
    version,
    purl: formatPurl({ type: kind, name, version }),
    paths: [path],
    licenses: [],
    hashes:
      sha512 === undefined
        ? undefined
        : [{ algorithm: "sha512", value: Buffer.from(sha512, "base64").toString("hex") }],
    properties: someProperties({ "dotnet:type": type === "package" ? undefined : type }),
    provides: [here(path, name)],
    dependsOn: dependencies.map((dependency) => here(path, dependency)),
  });
}
