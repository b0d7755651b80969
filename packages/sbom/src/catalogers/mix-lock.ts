import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * What Mix would fetch for Elixir and Erlang, by mix.lock: a map of Elixir with one package to a line, which is read and
 * never evaluated.
 *
 * @see https://hexdocs.pm/mix/Mix.Tasks.Deps.html
 */
export const mixLock: Cataloger<LockFacts> = lockCataloger({
  id: "mix-lock",
  version: 2,
  type: "hex",
  among: { names: ["mix.lock"] },
  wants: (path) => isNamed(path, "mix.lock"),
  open: openLines,
  collect: (lines, entries) => {
    for (const line of lines) addLine(line.trim(), entries);
    return undefined;
  },
});

/** `{:hex, :name, "version", "inner checksum", [managers], [dependencies], "repository", "outer checksum"}` */
const hex = /^"([^"]+)": \{:hex, :"?([\w.]+)"?, "([^"]+)"/;
const git = /^"([^"]+)": \{:git, "([^"]+)", "([0-9a-f]{7,64})"/;
/** A folder beside it has no version. */
const folder = /^"[^"]+": \{:path, /;

function addLine(line: string, entries: LockEntries): void {
  const release = hex.exec(line);
  const commit = git.exec(line);
  if (release !== null) {
    const [, key = "", name = "", version = ""] = release;
    const dependsOn = [...line.matchAll(/\{:"?([\w.]+)"?, "/g)].map((match) => match[1] ?? "");
    const tail = /"hexpm(?::([\w.-]+))?"(?:, "([0-9a-f]{64})")?\},?$/.exec(line);
    const hash = hexHash("sha256", tail?.[2]);
    const organization = tail?.[1];
    entries.add({
      name: organization === undefined ? name : `${organization}/${name}`,
      version,
      keys: [key],
      dependsOn: dependsOn.filter((dependency) => dependency !== "hex"),
      hashes: hash === undefined ? undefined : [hash],
    });
  } else if (commit !== null) {
    const [, name = "", url = "", version = ""] = commit;
    entries.add({ name, version, keys: [name], vcs: gitPlace(url, version) });
  } else if (line.startsWith('"') && !folder.test(line))
    entries.fault(`${JSON.stringify(line.slice(0, 80))} is no package`);
}
