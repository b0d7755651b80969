import { isJsonArray, isJsonObject, type JsonValue } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { memberOf } from "../read/json-file.ts";
import { type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { pinnedRequirement } from "../read/python-requirement.ts";
import { elementsOf, openYaml } from "../read/tree-file.ts";

/**
 * What a conda environment file pins to one version, and what it has pip install into it.
 *
 * @see https://docs.conda.io/projects/conda/en/latest/user-guide/tasks/manage-environments.html
 */
export const condaEnvironment: Cataloger<LockFacts> = lockCataloger({
  id: "conda-environment",
  version: 2,
  type: "conda",
  among: { names: ["environment.yml", "environment.yaml"] },
  maxBytes: limits.maxWrittenBytes,
  wants: (path) => /(^|\/)environment\.ya?ml$/.test(path),
  open: openYaml,
  collect: ([environment = {}], entries) => {
    const dependencies = memberOf(environment, "dependencies");
    // An empty list is read as an empty text.
    if (dependencies === undefined || dependencies === "") return undefined;
    if (!isJsonArray(dependencies)) return "dependencies that are no list";
    for (const entry of dependencies) {
      const fault = addEntry(entry, entries);
      if (fault !== undefined) return fault;
    }
    return undefined;
  },
});

function addEntry(entry: JsonValue, entries: LockEntries): string | undefined {
  if (typeof entry === "string") addSpecification(entry, entries);
  else if (!isJsonObject(entry) || !isJsonArray(memberOf(entry, "pip"))) return "a dependency that is no text";
  else for (const requirement of elementsOf(entry, "pip")) addRequirement(requirement, entries);
  return undefined;
}

/** `channel::name=version=build` or `channel::name version build`, of which all but the name may be absent. */
function addSpecification(text: string, entries: LockEntries): void {
  const spaced = /^(\S+)\s+(\w[^\s=,*<>|!~]*)\s+(\w\S*)$/.exec(text.trim());
  const whole = spaced === null ? text.trim() : `${spaced[1] ?? ""}=${spaced[2] ?? ""}=${spaced[3] ?? ""}`;
  const match = /^(?:([^:\s]+)::)?([\w.-]+)\s*={1,2}\s*([^\s=,*<>|]+)(?:=(\S+))?$/.exec(whole);
  if (match === null) return;
  const [, channel, name = "", version = "", build] = match;
  entries.add({ name, version, qualifiers: { channel: channel ?? "", build: build ?? "" } });
}

function addRequirement(requirement: JsonValue, entries: LockEntries): void {
  const pinned = typeof requirement === "string" ? pinnedRequirement(requirement) : undefined;
  if (pinned !== undefined) entries.add({ ...pinned, type: "pypi" });
}
