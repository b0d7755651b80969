import type { Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { builtModules, type GoModFile, type GoModule, parseGoMod } from "../read/go-mod-file.ts";
import { isNamed, LockEntries, lockedPackages } from "../read/lock-file.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { openLines } from "../read/tree-file.ts";
import { hasRoom } from "../read/cuts.ts";

/** What one go.mod or go.sum says. */
export type GoModFacts =
  | { readonly kind: "mod"; readonly mod: GoModFile }
  | { readonly kind: "sum"; readonly modules: readonly GoModule[] };

/**
 * What a module of Go is built with: its go.mod. Before Go 1.17 that names only what is imported, and go.sum beside it
 * (or by itself) the rest; it may name versions that are not chosen in the end, of which the last is taken.
 *
 * @see https://go.dev/ref/mod#go-mod-file
 */
export const goMod: Cataloger<GoModFacts> = {
  id: "go-mod",
  version: 1,
  evidence: "declared",
  among: { names: ["go.mod", "go.sum"] },
  wants: (file) => isNamed(file.path, "go.mod") || isNamed(file.path, "go.sum"),
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readFile(file),
  *catalog(found) {
    for (const [path, facts] of found) {
      const mod = facts.kind === "sum" ? found.get(path.replace(/go\.sum$/, "go.mod")) : undefined;
      const entries = new LockEntries();
      if (facts.kind === "mod") addMod(facts.mod, entries);
      else addModules(unlisted(facts.modules, mod), entries);
      yield* lockedPackages(entries.finish(), path, "golang");
    }
  },
};

function readFile(file: CapturedFile): GoModFacts | Problem {
  const lines = openLines(file);
  if ("kind" in lines) return lines;
  if (file.path.endsWith("go.sum")) return { kind: "sum", modules: parseSum(lines.content) };
  const mod = parseGoMod(lines.content);
  return typeof mod === "string" ? malformed(file, mod) : { kind: "mod", mod };
}

/** Lines of module, version and checksum; those of a go.mod alone were only looked at to choose versions. */
function parseSum(lines: readonly string[]): GoModule[] {
  const modules = new Map<string, GoModule>();
  for (const line of lines) {
    const [path, version, sum] = line.split(" ");
    if (path === undefined || version === undefined || sum?.startsWith("h1:") !== true) continue;
    if (version.endsWith("/go.mod") || !hasRoom(modules.size, limits.maxRecords, "modules")) continue;
    modules.set(path, { path, version });
  }
  return [...modules.values()];
}

/** The modules of a go.sum that the go.mod beside it leaves out: none from Go 1.17 on. */
function unlisted(modules: readonly GoModule[], mod: GoModFacts | undefined): readonly GoModule[] {
  if (mod?.kind !== "mod") return modules;
  const { required, replacements, go = "1.16" } = mod.mod;
  const minor = Number(/^1\.(\d{1,3})/.exec(go)?.[1] ?? "99");
  if (minor >= 17) return [];
  const listed = new Set(required.map(({ path }) => path));
  for (const { path, by } of replacements) listed.add(path).add(by?.path ?? path);
  return modules.filter(({ path }) => !listed.has(path));
}

function addMod(mod: GoModFile, entries: LockEntries): void {
  addModules(builtModules(mod), entries);
  // The standard library is built in, at the version of the tool that the module asks for.
  const version = /^go(\d[\w.]*)/.exec(mod.toolchain ?? "")?.[1] ?? mod.go;
  if (version !== undefined) entries.add({ name: "stdlib", version });
}

function addModules(modules: readonly GoModule[], entries: LockEntries): void {
  for (const { path, version, indirect } of modules) {
    const properties = indirect === true ? { "go:indirect": "true" } : undefined;
    entries.add({ name: path, version, properties });
  }
}
