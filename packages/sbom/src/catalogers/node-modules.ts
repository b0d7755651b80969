import { isJsonObject, type JsonObject, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { CatalogContext, Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { objectMember, readJsonObject, stringMember } from "../read/json-file.ts";
import { NodeResolver } from "../read/node-resolver.ts";
import { isNpmName, type NpmManifest, npmManifestOf } from "../read/npm-manifest.ts";
import { npmPackage } from "../read/npm-package.ts";
import { malformed } from "../read/too-large.ts";
import { isVersion, quote } from "../read/token.ts";
import { publicUrl } from "../read/url.ts";
import { hasRoom } from "../read/cuts.ts";

/** Where a package came from, as npm's hidden lock file has it. */
interface Download {
  readonly resolved?: string;
  readonly integrity?: string;
}

/** What one package.json, or one hidden lock file, says. */
export type NodeModulesFacts =
  | { readonly kind: "manifest"; readonly manifest: NpmManifest }
  | { readonly kind: "lock"; readonly downloads: Readonly<Record<string, Download>> };

/**
 * npm packages that are installed: those whose manifest lies where Node.js looks for a package of that name, whichever
 * of npm, pnpm and yarn put it there. The manifests of applications and of tests are not installed packages.
 */
export const nodeModules: Cataloger<NodeModulesFacts> = {
  id: "node-modules",
  version: 2,
  evidence: "installed",
  among: { names: ["package.json", ".package-lock.json"] },
  wants: (file) => isInstalledManifest(file.path) || isHiddenLock(file.path),
  read: (file) => {
    const document = readJsonObject(file);
    if ("kind" in document) return document;
    return isHiddenLock(file.path) ? lockFacts(document.json) : manifestFacts(document.json, file);
  },
  *catalog(found, context) {
    const manifests = new Map<string, NpmManifest>();
    for (const [path, facts] of found) if (facts.kind === "manifest") manifests.set(path, facts.manifest);
    yield* packagesOf(manifests, downloadsOf(found), context);
  },
};

function isInstalledManifest(path: string): boolean {
  if (!path.endsWith("/package.json")) return false;
  const segments = path.split("/");
  // Where yarn 4 keeps a package that it links to from everywhere else.
  if (segments.at(-2) === "package" && segments.at(-4) === ".store") return segments.at(-5) === "node_modules";
  if (segments.at(-3) === "node_modules") return segments.at(-2)?.startsWith("@") === false;
  return segments.at(-4) === "node_modules" && segments.at(-3)?.startsWith("@") === true;
}

function isHiddenLock(path: string): boolean {
  return path.endsWith("node_modules/.package-lock.json");
}

function manifestFacts(json: JsonObject, file: CapturedFile): NodeModulesFacts | Problem {
  const name = stringMember(json, "name");
  const version = stringMember(json, "version");
  if (!isNpmName(name)) return malformed(file, `the package has no valid name: ${quote(name)}`);
  if (!isVersion(version)) return malformed(file, `the package ${quote(name)} has no valid version: ${quote(version)}`);
  return { kind: "manifest", manifest: npmManifestOf(json, name, version) };
}

function lockFacts(json: JsonObject): NodeModulesFacts {
  const downloads = new Map<string, Download>();
  for (const [place, entry] of Object.entries(objectMember(json, "packages") ?? {})) {
    if (!isJsonObject(entry) || !hasRoom(downloads.size, limits.maxRecords, "packages")) continue;
    const resolved = publicUrl(stringMember(entry, "resolved"));
    const integrity = stringMember(entry, "integrity")?.slice(0, 1000);
    if (resolved === undefined && integrity === undefined) continue;
    downloads.set(place, defined<Download>({ resolved, integrity }));
  }
  return { kind: "lock", downloads: Object.fromEntries(downloads) };
}

/** By the path of the manifest that a lock file's entry speaks of. */
function downloadsOf(found: ReadonlyMap<string, NodeModulesFacts>): ReadonlyMap<string, Download & { lock: string }> {
  const downloads = new Map<string, Download & { lock: string }>();
  for (const [path, facts] of found) {
    if (facts.kind !== "lock") continue;
    const root = path.slice(0, -"node_modules/.package-lock.json".length);
    for (const [place, download] of Object.entries(facts.downloads)) {
      downloads.set(`${root}${place}/package.json`, { ...download, lock: path });
    }
  }
  return downloads;
}

function* packagesOf(
  manifests: ReadonlyMap<string, NpmManifest>,
  downloads: ReadonlyMap<string, Download & { lock: string }>,
  context: CatalogContext,
): Generator<FoundPackage | Problem> {
  const resolver = new NodeResolver(manifests, context);
  const bundlers = resolver.bundlers();
  for (const [path, manifest] of manifests) {
    const download = downloads.get(path);
    const bundler = bundlers.get(path);
    yield npmPackage(manifest, {
      paths: download === undefined ? [path] : [path, download.lock],
      resolved: download?.resolved,
      integrity: download?.integrity,
      bundledBy: bundler === undefined ? undefined : manifests.get(bundler),
      dependsOnPaths: resolver.dependencies(path),
    });
  }
  if (resolver.exhausted) {
    const message = "node_modules: more dependencies than are resolved, some edges between npm packages are missing";
    yield { kind: "problem", code: "TOO_MANY_EDGES", message, incomplete: true };
  }
}
