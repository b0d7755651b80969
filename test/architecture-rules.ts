/** The names of the workspace packages that a source text imports, statically or not. */
export function importedPackages(text: string): readonly string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"@sc\/([a-z]+)"/g)].map((match) => match[1] ?? "");
}

const dumpingGrounds: ReadonlySet<string> = new Set([
  "utils",
  "util",
  "helpers",
  "helper",
  "common",
  "shared",
  "misc",
  "types",
  "constants",
]);

/** Whether a file's name is not kebab-case or says nothing of what is in it. */
export function misnamed(name: string): boolean {
  const stem = name.replace(/(\.test|\.testing)?\.ts$/, "");
  return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) || stem.split("-").some((word) => dumpingGrounds.has(word));
}

/** The first lines of the declarations that are exported without a doc comment right above them. */
export function undocumentedExports(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.filter((line, index) => {
    if (!/^export (async )?(function|class|interface|type|const|abstract) ?\w/.test(line)) return false;
    const above = lines[index - 1]?.trimEnd() ?? "";
    const overloaded = /^export function (\w+)/.exec(above)?.[1];
    return !above.endsWith("*/") && (overloaded === undefined || !line.startsWith(`export function ${overloaded}`));
  });
}

const emptyVerbs = /^(?:get|do|handle|process|manage|perform|execute|ensure|init)[A-Z]/;
const emptyNouns = /^[A-Z]\w*(?:Manager|Service|Helper|Handler|Processor|Factory|Provider|Wrapper|Base|Abstract|Impl)$/;

/** The exported names that say nothing: verbs without a contract, nouns without a thing. */
export function emptyNames(text: string): readonly string[] {
  const exported = text.matchAll(/^export (?:async )?(?:function\*?|class|interface|type|const) (\w+)/gm);
  return [...exported].map((match) => match[1] ?? "").filter((name) => emptyVerbs.test(name) || emptyNouns.test(name));
}

/** The classes that inherit from anything but `Error`, and the verifications that answer yes or no. */
export function misshapen(text: string): readonly string[] {
  const heirs = [...text.matchAll(/\bclass \w+ extends (?!Error\b|ScError\b)\w+/g)];
  const verdicts = [...text.matchAll(/\bfunction verify\w*\([^)]*\)\s*:\s*(?:Promise<)?boolean/g)];
  return [...heirs, ...verdicts].map((match) => match[0]);
}

/** The relative imports that leave the folder `depth` levels up: one package reaching into another's files. */
export function escapingImports(text: string, depth: number): readonly string[] {
  const relative = [...text.matchAll(/(?:from|import)\s*\(?\s*"((?:\.\.\/)+)[^"]*"/g)];
  return relative.filter((match) => (match[1] ?? "").length / 3 > depth).map((match) => match[0]);
}

/** The lines of an `index.ts` that are neither an import, a re-export, a doc comment nor a list. */
export function indexStatements(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return code
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "" && !/^(?:import|export) (?:type )?\{[^}]*\} from "[^"]+"$/.test(statement))
    .filter((statement) => !/^export const \w+: (?:readonly \w+(?:<[^=]*>)?\[\]|ReadonlyMap<[^=]*>) = /.test(statement))
    .filter((statement) => !/^export type \w+ = /.test(statement));
}

/** The tests that were left focused, skipped or to do. A skip that asks for something missing is `skipIf`. */
export function unfinishedTests(text: string): readonly string[] {
  return [...text.matchAll(/\b(?:test|it|describe|suite)\.(?:only|skip|todo)\b/g)].map((match) => match[0]);
}

/** What a library source must not have, by name. */
export function blockedConstructs(text: string): readonly string[] {
  const found: string[] = [];
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  if (/\bconsole\.\w/.test(code)) found.push("console");
  if (/\bprocess\.env\b/.test(code)) found.push("process.env");
  if (/^export default\b/m.test(code)) found.push("default export");
  if (/^export \* from\b/m.test(code)) found.push("export *");
  if (/^(await |for await |(const|let) .* = await )/m.test(code)) found.push("top-level await");
  return found;
}

const unknownToNode22 =
  /\b(?:Async)?DisposableStack\b|\bSuppressedError\b|\bRegExp\.escape\b|\bPromise\.try\b|\bError\.isError\b|\bUint8Array\.from(?:Base64|Hex)\b|\bFloat16Array\b|\bURLPattern\b|\bMath\.sumPrecise\b|\bIterator\.concat\b/g;

/** What a source uses of JavaScript that the oldest Node.js of `engines` does not have; syntax is lowered, names are not. */
export function tooNew(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return [...code.matchAll(unknownToNode22)].map((match) => match[0]);
}

/** The codes that a source text constructs errors with. */
export function errorCodesThrown(text: string): readonly string[] {
  return [...text.matchAll(/new ScError\(\s*"([A-Z0-9_]+)"/g)].map((match) => match[1] ?? "");
}

/** The codes that a table of error codes names. */
export function tableCodes(text: string): readonly string[] {
  return [...text.matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm)].map((match) => match[1] ?? "");
}

/** The modules beside it that a list imports or re-exports. */
export function listedModules(text: string): readonly string[] {
  return [...text.matchAll(/from "\.\/([a-z0-9-]+)\.ts"/g)].map((match) => match[1] ?? "");
}
