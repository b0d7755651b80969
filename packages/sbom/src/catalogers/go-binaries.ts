import { formatPurl, type Problem, type Purl } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { isExecutable, readExecutable } from "../read/executable.ts";
import { executableParts } from "../read/executable-parts.ts";
import { type GoBuildInfo, type GoModule, readGoBuildInfo } from "../read/go-build-info.ts";
import { unreadable } from "../read/too-large.ts";
import { isName, isVersion, shortText } from "../read/token.ts";

/**
 * Modules linked into Go binaries, by the build info that the linker leaves in them.
 *
 * @see https://pkg.go.dev/debug/buildinfo
 */
export const goBinaries: Cataloger<GoBuildInfo> = {
  id: "go-binaries",
  version: 1,
  evidence: "installed",
  among: {},
  wants: () => false,
  sniff: isExecutable,
  parts: executableParts,
  read: readGoBinary,
  *catalog(found) {
    for (const [path, info] of found) yield* packagesOf(info, path);
  },
};

function readGoBinary(file: CapturedFile): GoBuildInfo | Problem | undefined {
  const executable = readExecutable(file);
  const info = executable === undefined ? undefined : readGoBuildInfo(file, executable);
  return typeof info === "string" ? unreadable(file, info) : info;
}

function* packagesOf(info: GoBuildInfo, path: string): Generator<FoundPackage | Problem> {
  const standard = standardLibrary(info.goVersion, path);
  const modules = info.modules.map((module) => modulePackage(module, path)).filter((one) => one !== undefined);
  const dependencies = standard === undefined ? modules : [...modules, standard];
  const main = mainPackage(
    info,
    path,
    dependencies.flatMap((one) => one.provides ?? []),
  );
  if (main !== undefined) yield main;
  yield* dependencies;
  const dropped = info.modules.length - modules.length;
  if (dropped > 0) {
    const message = `${path}: ${dropped} modules in its Go build info have no valid name or version`;
    yield { kind: "problem", code: "RECORD_MALFORMED", message, path };
  }
}

/** How the modules of one binary name each other: a module of the same name in another binary is not meant. */
function here(path: string, module: string): string {
  return `${path}#${module}`;
}

/** `go1.22.3 X:boringcrypto`, `go1.21.0-microsoft`, `devel go1.25-0a1b2c3 …` */
function standardLibrary(goVersion: string, path: string): FoundPackage | undefined {
  const version = /(?:^|\s)go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)/.exec(goVersion)?.[1];
  if (version === undefined) return undefined;
  return {
    kind: "package",
    type: "golang",
    name: "stdlib",
    version,
    purl: formatPurl({ type: "golang", name: "stdlib", version }),
    paths: [path],
    licenses: [{ declared: "BSD-3-Clause", expression: "BSD-3-Clause" }],
    properties: { "go:version": goVersion },
    provides: [here(path, "stdlib")],
  };
}

function modulePackage(module: GoModule, path: string): FoundPackage | undefined {
  const replacement = module.replacedBy;
  // A directory has no version, and nothing says what of the module is still in it.
  const local = replacement !== undefined && /^(?:\.|\/|[A-Za-z]:)/.test(replacement.path);
  const used = replacement === undefined || local ? module : replacement;
  const { version = "" } = used;
  if (!isName(used.path) || !isVersion(version)) return undefined;
  return defined<FoundPackage>({
    kind: "package",
    type: "golang",
    name: used.path,
    version,
    purl: modulePurl(used.path, version),
    paths: [path],
    licenses: [],
    properties: someProperties({
      "go:h1": used.sum,
      "go:replace":
        replacement === undefined
          ? undefined
          : shortText(local ? `=> ${replacement.path}` : `${module.path}@${module.version ?? ""}`),
    }),
    provides: [here(path, used.path)],
  });
}

function modulePurl(path: string, version: string): Purl {
  const slash = path.lastIndexOf("/");
  return formatPurl({
    type: "golang",
    namespace: slash === -1 ? undefined : path.slice(0, slash),
    name: path.slice(slash + 1),
    version: version === "" ? undefined : version,
  });
}

function mainPackage(info: GoBuildInfo, path: string, dependsOn: readonly string[]): FoundPackage | undefined {
  const { main, settings } = info;
  if (main === undefined || !isName(main.path)) return undefined;
  const stated = main.version === undefined || main.version === "(devel)" ? undefined : main.version;
  const version = isVersion(stated) ? stated : (linkedVersion(settings["-ldflags"] ?? "", main.path) ?? "");
  return defined<FoundPackage>({
    kind: "package",
    type: "golang",
    name: main.path,
    version,
    purl: modulePurl(main.path, version),
    paths: [path],
    licenses: [],
    architecture: shortText(settings["GOARCH"]),
    properties: someProperties({
      "go:command": shortText(info.path),
      "go:h1": main.sum,
      "go:vcs-revision": shortText(settings["vcs.revision"]),
      "go:vcs-time": shortText(settings["vcs.time"]),
      "go:vcs-modified": shortText(settings["vcs.modified"]),
      "go:version-from": stated === undefined && version !== "" ? "-ldflags" : undefined,
    }),
    provides: [here(path, main.path)],
    dependsOn,
  });
}

const maxFlags = 1000;

/** The version that `-ldflags "-X main.version=1.2.3"` set in the command's own packages, where one was. */
function linkedVersion(flags: string, module: string): string | undefined {
  const found: { readonly name: string; readonly version: string }[] = [];
  for (const flag of flags
    .slice(0, 65_536)
    .split(/-X[ =]/, maxFlags)
    .slice(1)) {
    const text = flag.trim().replace(/^["']/, "");
    const equals = text.indexOf("=");
    const symbol = text.slice(0, Math.max(0, equals));
    const dot = symbol.lastIndexOf(".");
    const name = symbol.slice(dot + 1).toLowerCase();
    const owner = symbol.slice(0, Math.max(0, dot));
    const version = /^v?\d+\.\d+[0-9A-Za-z.+~-]*/.exec(text.slice(equals + 1))?.[0];
    if (version === undefined || !name.endsWith("version") || !isVersion(version)) continue;
    if (owner === "main" || owner === module || owner.startsWith(`${module}/`)) found.push({ name, version });
  }
  return (found.find(({ name }) => name === "version") ?? found[0])?.version;
}
