import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { objectMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { pinnedRequirement } from "../read/python-requirement.ts";
import { namesIn, openToml, textsOf } from "../read/tree-file.ts";

/**
 * What a project's pyproject.toml pins to one version; ranges leave it open, and are no packages.
 *
 * @see https://packaging.python.org/en/latest/specifications/pyproject-toml/
 */
export const pyproject: Cataloger<LockFacts> = lockCataloger({
  id: "pyproject",
  version: 1,
  type: "pypi",
  among: { names: ["pyproject.toml"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => isNamed(path, "pyproject.toml"),
  open: openToml,
  collect: (file, entries) => {
    const project = objectMember(file, "project") ?? {};
    const extras = objectMember(project, "optional-dependencies") ?? {};
    const groups = objectMember(file, "dependency-groups") ?? {};
    addPins(textsOf(project, "dependencies"), undefined, entries);
    for (const extra of namesIn(project, "optional-dependencies")) addPins(textsOf(extras, extra), "optional", entries);
    for (const group of namesIn(file, "dependency-groups")) addPins(textsOf(groups, group), "dev", entries);
    return undefined;
  },
});

function addPins(texts: readonly string[], scope: string | undefined, entries: LockEntries): void {
  for (const text of texts) {
    const pinned = pinnedRequirement(text);
    if (pinned !== undefined) entries.add({ ...pinned, scope });
  }
}
