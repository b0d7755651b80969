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
      const checkout = objectMember(checkouts, nameOf(headOf(pod)).split("/", 1)[0] ?? "") ?? {};
      addPod(pod, gitPlace(stringMember(checkout, ":git"), stringMember(checkout, ":commit")), entries);
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
  return text.split(" (", 1)[0]?.trim() ?? "";
}

function addPod(pod: JsonValue, vcs: string | undefined, entries: LockEntries): void {
  const head = headOf(pod);
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
