import type { LockEntries } from "./lock-file.ts";
import { quote } from "./token.ts";

/** What is known of a reference beside its text. */
export interface ConanNode {
  readonly keys?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly scope?: string | undefined;
}

/** `name/version@user/channel#revision%time`, of which all but name and version may be absent. */
export function addConanReference(reference: string, node: ConanNode, entries: LockEntries): void {
  const match = /^([^/@#%]+)\/([^/@#%]+)(?:@([^/#%]*)(?:\/([^#%]*))?)?(?:#([0-9a-f]+))?(?:%.*)?$/.exec(reference);
  if (match === null) {
    entries.fault(`${quote(reference)} is no reference of a package`);
    return;
  }
  const [, name = "", version = "", user, channel, revision] = match;
  const qualifiers = { user: user ?? "", channel: channel ?? "", rrev: revision ?? "" };
  entries.add({ name, version, qualifiers, keys: node.keys, dependsOn: node.dependsOn, scope: node.scope });
}
