import { isJsonObject, type JsonValue } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { elementsOf, openYaml, textsOf } from "../read/tree-file.ts";

/**
 * What CocoaPods would install, by Podfile.lock. A part of a pod (`Pod/Part`) is a package of its own.
 *
 * @see https://guides.cocoapods.org/using/using-cocoapods.html#what-is-podfilelock
 */
export const podfileLock: Cataloger<LockFacts> = lockCataloger({
  id: "podfile-lock",
  version: 1,
  type: "cocoapods",
  among: { names: ["Podfile.lock"] },
  wants: (path) => isNamed(path, "Podfile.lock"),
  open: openYaml,
  collect: (documents, entries) => {
    const [lock] = documents;
    if (lock === undefined) return "an empty document";
    const checkouts = objectMember(lock, "CHECKOUT OPTIONS") ?? {};
    for (const pod of elementsOf(lock, "PODS")) {
      const head = headOf(pod);
      const checkout = objectMember(checkouts, nameOf(head).split("/", 1)[0] ?? "");
      const vcs = checkout && gitPlace(stringMember(checkout, ":git"), stringMember(checkout, ":commit"));
      addPod(pod, { head, vcs }, entries);
    }
    return undefined;
  },
});

/** `Name (version)`, by itself or as the key of what it depends on. */
function headOf(pod: JsonValue): string {
  if (typeof pod === "string") return pod;
  return isJsonObject(pod) ? (Object.keys(pod)[0] ?? "") : "";
}

function nameOf(text: string): string {
  const at = text.indexOf(" (");
  return (at === -1 ? text : text.slice(0, at)).trim();
}

interface Pod {
  readonly head: string;
  readonly vcs: string | undefined;
}

function addPod(pod: JsonValue, { head, vcs }: Pod, entries: LockEntries): void {
  const name = nameOf(head);
  const part = name.indexOf("/");
  entries.add({
    name,
    version: /\(([^()]+)\)/.exec(head)?.[1] ?? "",
    keys: [name],
    dependsOn: isJsonObject(pod) ? textsOf(pod, head).map(nameOf) : [],
    subpath: part === -1 ? undefined : name.slice(part + 1),
    vcs,
  });
}
