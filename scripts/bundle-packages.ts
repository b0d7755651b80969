/**
 * Makes what each library package publishes, in its `dist/published`: one file for each of its entries, with a chunk for
 * what is loaded when it is needed, and the declarations that an entry reaches. A module for each source file costs a
 * program some two thirds of its time to import them. Names are kept, so that a stack can be read. Wants `tsc -b` done.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { rolldown } from "rolldown";

const packages = join(import.meta.dirname, "../packages");
const published = "dist/published";

interface Manifest {
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string>>;
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, string | { readonly types: string }>> };
}

/** Entries by the name of their file: those whose published declarations stand where this script puts them. */
function entriesOf(folder: string): Readonly<Record<string, string>> {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const targets = Object.entries(manifest.private === true ? {} : (manifest.publishConfig?.exports ?? {}));
  return Object.fromEntries(
    targets.flatMap(([name, target]) => {
      const source = manifest.exports[name];
      if (source === undefined || typeof target === "string" || !target.types.includes(published)) return [];
      return [[basename(source, ".ts"), join(folder, source)]];
    }),
  );
}

/** The entries' declarations and all that they import of their own package. */
function declarationsOf(folder: string, entries: readonly string[]): readonly string[] {
  const found = new Set(entries.map((entry) => join(folder, "dist", `${entry}.d.ts`)));
  for (const path of found) {
    for (const { groups } of readFileSync(path, "utf8").matchAll(/(?:from |import\()"(?<to>\.[^"]+)\.[jt]s"/g)) {
      found.add(join(dirname(path), `${groups?.["to"] ?? ""}.d.ts`));
    }
  }
  return [...found];
}

async function bundlePackage(folder: string): Promise<void> {
  const input = entriesOf(folder);
  if (Object.keys(input).length === 0) return;
  const target = join(folder, published);
  rmSync(target, { recursive: true, force: true });
  const bundle = await rolldown({
    input,
    platform: "node",
    // What is not of the package itself is found when it runs; the lowering of `using` comes with it.
    external: (id) => !/^(?:[./\0]|@oxc-project\/)/.test(id),
    transform: { target: "node22.22" },
  });
  await bundle.write({
    dir: target,
    format: "esm",
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  });
  await bundle.close();
  for (const path of declarationsOf(folder, Object.keys(input))) {
    const to = join(target, relative(join(folder, "dist"), path));
    mkdirSync(dirname(to), { recursive: true });
    // Maps lead to sources, which are not published.
    writeFileSync(to, readFileSync(path, "utf8").replace(/^\/\/# sourceMappingURL=.*\n?/m, ""));
  }
}

for (const name of readdirSync(packages)) await bundlePackage(join(packages, name));
