import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { entriesIn, linesOf, openYaml, tablesOf } from "../read/tree-file.ts";

/** A workflow or an action. */
interface ActionsFile {
  readonly content: JsonObject;
  /** By commit the release that a remark behind it says it is. */
  readonly releases: ReadonlyMap<string, string>;
}

/**
 * The actions and reusable workflows that workflows and composite actions of GitHub use, at the tag, branch or commit
 * they name. Of a commit with its release in a remark behind it, as bots that update them write it, the release is the
 * version, since no advisory speaks of commits; the purl has both. Actions of the repository itself and container images
 * are left out.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
export const githubActions: Cataloger<LockFacts> = lockCataloger<ActionsFile>({
  id: "github-actions",
  version: 2,
  type: "github",
  among: { extensions: ["yml", "yaml"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) =>
    /(?:^|\/)(?:\.github\/workflows\/[^/]+|\.github\/actions\/(?:.*\/)?action|action)\.ya?ml$/.test(path),
  open: (file) => {
    const opened = openYaml(file);
    if ("kind" in opened) return opened;
    const releases = releasesIn(linesOf(file.text(limits.maxWrittenBytes)));
    return { content: { content: opened.content[0] ?? {}, releases } };
  },
  collect: ({ content, releases }, entries) => {
    for (const [, job] of entriesIn(content, "jobs")) {
      addUse(stringMember(job, "uses"), releases, entries);
      for (const text of stepsOf(job)) addUse(text, releases, entries);
    }
    for (const text of stepsOf(objectMember(content, "runs") ?? {})) addUse(text, releases, entries);
    return undefined;
  },
});

function stepsOf(holder: JsonObject): (string | undefined)[] {
  return [...tablesOf(holder, "steps")].map((step) => stringMember(step, "uses"));
}

/** `uses: owner/repository@commit # v1.2.3` */
function releasesIn(lines: readonly string[]): ReadonlyMap<string, string> {
  const releases = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf("@");
    const remark = line.indexOf(" #", at);
    if (at === -1 || remark === -1) continue;
    const commit = /^[0-9a-f]{40,64}(?=["']?$)/.exec(line.slice(at + 1, remark).trim())?.[0];
    const release = /^v?\d[\w.+-]*(?=\s|$)/.exec(line.slice(remark + 2).trim())?.[0];
    if (commit !== undefined && release !== undefined) releases.set(commit, release);
  }
  return releases;
}

/** `owner/repository/path@reference`, of which the path may be absent. */
function addUse(text: string | undefined, releases: ActionsFile["releases"], entries: LockEntries): void {
  const match = /^([\w.-]+\/[\w.-]+)(?:\/([^@\s]+))?@([^@\s]+)$/.exec(text?.trim() ?? "");
  const [, name = "", subpath, reference = ""] = match ?? [];
  if (match === null || name.startsWith(".")) return;
  const release = releases.get(reference);
  const vcs = release === undefined ? undefined : gitPlace(`https://github.com/${name}`, reference);
  entries.add({ name, version: release ?? reference, subpath, vcs });
}
