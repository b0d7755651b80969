import type { Cataloger } from "../cataloger.ts";
import { gitPlace } from "../read/git-place.ts";
import { hexHash } from "../read/integrity.ts";
import { noteCut } from "../read/cuts.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

/** `<<"text">>` of Erlang. */
const binary = String.raw`<<"([^"\\\n]{1,512})">>`;
/** Space and line ends between the parts of a term, as Rebar prints them. */
const gap = String.raw`\s{0,80}`;
const comma = `${gap},${gap}`;

/** `{<<"name">>,{pkg,<<"name on Hex">>,<<"1.2.3">>},0}`, in newer files with checksums behind the version. */
const release = new RegExp(`\\{${gap}${binary}${comma}\\{${gap}pkg${comma}${binary}${comma}${binary}`, "g");
/** `{<<"name">>,{git,"url",{ref,"commit"}},0}`, or with a folder of the repository. */
const commit = new RegExp(
  `\\{${gap}${binary}${comma}\\{${gap}git(?:_subdir)?${comma}"([^"\\\\\\n]{1,2048})"${comma}\\{${gap}ref${comma}"([0-9a-f]{7,64})"`,
  "g",
);
/** What says where a package comes from, whatever stands in it. */
const place = new RegExp(`\\{${gap}(?:git|git_subdir|hg|pkg)${comma}`, "g");
const checksum = new RegExp(`\\{${gap}${binary}${comma}${binary}${gap}\\}`, "g");

/**
 * What Rebar would fetch for Erlang, by rebar.lock: a term of Erlang, which is read and never evaluated.
 *
 * @see https://rebar3.org/docs/configuration/dependencies/#lock-files
 */
export const rebarLock: Cataloger<LockFacts> = lockCataloger({
  id: "rebar-lock",
  version: 1,
  type: "hex",
  among: { names: ["rebar.lock"] },
  wants: (path) => isNamed(path, "rebar.lock"),
  open: openLines,
  collect: (lines, entries) => {
    const text = lines.join("\n");
    if (!/^\s{0,80}(?:\{\s{0,80}"|\[)/.test(text)) return "no lock file of Rebar";
    // Of the archive as it is downloaded; what stands before it is of the files inside.
    const outer = text.indexOf("{pkg_hash_ext");
    const hashes = new Map(
      [...(outer === -1 ? "" : text.slice(outer)).matchAll(checksum)].map(([, name = "", hash = ""]) => [name, hash]),
    );
    const releases = [...text.matchAll(release)];
    const commits = [...text.matchAll(commit)];
    const unread = [...text.matchAll(place)].length - releases.length - commits.length;
    if (unread > 0) noteCut(`${unread} packages in a form, or of a length, that is not read`);
    for (const [, key = "", name = "", version = ""] of releases) {
      const hash = hexHash("sha256", hashes.get(key)?.toLowerCase());
      entries.add({ name, version, keys: [key], hashes: hash === undefined ? undefined : [hash] });
    }
    for (const [, name = "", url = "", version = ""] of commits) {
      entries.add({ name, version, keys: [name], vcs: gitPlace(url, version) });
    }
    return undefined;
  },
});
