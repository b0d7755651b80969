import type { JsonObject } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { entriesIn, openYaml, tablesOf } from "../read/tree-file.ts";

/**
 * The actions and reusable workflows that workflows and composite actions of GitHub use, at the tag, branch or commit
 * they name. Actions of the repository itself and container images are left out.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
export const githubActions: Cataloger<LockFacts> = lockCataloger({
  id: "github-actions",
  version: 1,
  type: "github",
  among: { extensions: ["yml", "yaml"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) =>
    /(?:^|\/)(?:\.github\/workflows\/[^/]+|\.github\/actions\/(?:.*\/)?action|action)\.ya?ml$/.test(path),
  open: openYaml,
  collect: ([file = {}], entries) => {
    for (const [, job] of entriesIn(file, "jobs")) {
      addUse(stringMember(job, "uses"), entries);
      addSteps(job, entries);
    }
    addSteps(objectMember(file, "runs") ?? {}, entries);
    return undefined;
  },
});

function addSteps(holder: JsonObject, entries: LockEntries): void {
  for (const step of tablesOf(holder, "steps")) addUse(stringMember(step, "uses"), entries);
}

/** `owner/repository/path@reference`, of which the path may be absent. */
function addUse(text: string | undefined, entries: LockEntries): void {
  const match = /^([\w.-]+\/[\w.-]+)(?:\/([^@\s]+))?@([^@\s]+)$/.exec(text?.trim() ?? "");
  const [, name = "", subpath, version = ""] = match ?? [];
  if (match !== null && !name.startsWith(".")) entries.add({ name, version, subpath });
}
