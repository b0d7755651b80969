/** A module at one version. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  /** Set when nothing of the module itself imports it. */
  readonly indirect?: true;
}

/** What replaces a module: at one version, or at each; by another module, or by a directory. */
export interface GoReplacement {
  readonly path: string;
  readonly version: string | undefined;
  /** Absent for a directory. */
  readonly by?: { readonly path: string; readonly version: string };
}

/** What a go.mod says of what the module is built with. */
export interface GoModFile {
  readonly required: readonly GoModule[];
  readonly replacements: readonly GoReplacement[];
  /** The least version of the language. */
  readonly go: string | undefined;
  readonly toolchain: string | undefined;
}

const directives = new Set([
  "module",
  "go",
  "toolchain",
  "godebug",
  "require",
  "exclude",
  "replace",
  "retract",
  "tool",
  "ignore",
]);

/**
 * The content of a go.mod; a text is the reason why it is none.
 *
 * @see https://go.dev/ref/mod#go-mod-file
 */
export function parseGoMod(lines: readonly string[]): GoModFile | string {
  const required: GoModule[] = [];
  const replacements: GoReplacement[] = [];
  const values = new Map<string, string>();
  let block: string | undefined;
  for (const [index, line] of lines.entries()) {
    const [text, comment] = splitComment(line);
    if (text === "") continue;
    if (text === ")") block = undefined;
    else {
      const words = text.split(/\s+/).map((word) => word.replaceAll(/^["`]|["`]$/g, ""));
      const directive = block ?? words.shift() ?? "";
      if (!directives.has(directive))
        return `line ${index + 1}: ${JSON.stringify(directive.slice(0, 80))} is no directive`;
      if (words[0] === "(") block = directive;
      else if (directive === "require") addRequired(words, comment, required);
      else if (directive === "replace") replacements.push(replacementOf(words));
      else values.set(directive, words[0] ?? "");
    }
  }
  return { required, replacements, go: values.get("go"), toolchain: values.get("toolchain") };
}

function splitComment(line: string): readonly [string, string] {
  const at = line.indexOf("//");
  return at === -1 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 2).trim()];
}

function addRequired([path, version]: readonly string[], comment: string, required: GoModule[]): void {
  if (path === undefined || version === undefined) return;
  required.push(/^indirect\b/.test(comment) ? { path, version, indirect: true } : { path, version });
}

/** `old [version] => new [version]` */
function replacementOf(words: readonly string[]): GoReplacement {
  const arrow = words.indexOf("=>");
  const replaced = { path: words[0] ?? "", version: arrow === 2 ? words[1] : undefined };
  const [path = "", version] = words.slice(arrow + 1);
  return version === undefined ? replaced : { ...replaced, by: { path, version } };
}

/** The modules that are built, each in place of the one required; those that a directory replaces are left out. */
export function builtModules({ required, replacements }: GoModFile): readonly GoModule[] {
  const byPath = new Map(replacements.map((one) => [`${one.path} ${one.version ?? ""}`, one] as const));
  return required.flatMap((module) => {
    const chosen = byPath.get(`${module.path} ${module.version}`) ?? byPath.get(`${module.path} `);
    if (chosen === undefined) return [module];
    return chosen.by === undefined ? [] : [{ ...module, ...chosen.by }];
  });
}
