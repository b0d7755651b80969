/** How the suites' files of one kind are read: they have other names there than a project gives them. */
export interface KindOfFile {
  readonly catalogers: readonly string[];
  /** The name that the format's own tool gives the file. */
  readonly path: string;
  /** Files that lie beside one of that name, and the names they have for the tool. */
  readonly beside?: (file: string) => readonly { readonly from: string; readonly to: string }[];
  /** The name as the ecosystem compares names. */
  readonly name?: (name: string) => string;
  readonly version?: (version: string) => string;
  /** Whether the text pins exactly that version; a peer takes the bound of a range for the version, and we do not. */
  readonly exact?: (text: string, version: string) => boolean;
}

function one(cataloger: string, path: string, more: Partial<KindOfFile> = {}): KindOfFile {
  return { catalogers: [cataloger], path, ...more };
}

/** By the suites' names of kinds: what reads them. */
export const kindsOfFiles: ReadonlyMap<string, KindOfFile> = new Map([
  [
    "language/javascript/packagelockjson",
    one("package-lock", "package-lock.json", {
      beside: () => [{ from: "npm-shrinkwrap.json", to: "npm-shrinkwrap.json" }],
    }),
  ],
  ["nodejs/npm", one("package-lock", "package-lock.json")],
  ["language/javascript/pnpmlock", one("pnpm-lock", "pnpm-lock.yaml")],
  ["nodejs/pnpm", one("pnpm-lock", "pnpm-lock.yaml")],
  ["language/javascript/yarnlock", one("yarn-lock", "yarn.lock")],
  ["nodejs/yarn", one("yarn-lock", "yarn.lock")],
  ["language/javascript/bunlock", one("bun-lock", "bun.lock")],
]);
