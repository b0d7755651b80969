import {
  formatPurl,
  isJsonArray,
  isJsonObject,
  isScError,
  type JsonObject,
  type JsonValue,
  parseJson,
  type Problem,
} from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { tooLarge, unreadable } from "../read/too-large.ts";
import { isName, isVersion } from "../read/token.ts";
import { firstOf } from "../read/cuts.ts";

/** What VS Code keeps of one extension. */
interface Extension {
  readonly publisher: string;
  readonly name: string;
  readonly version: string;
}

interface ExtensionList {
  readonly extensions: readonly Extension[];
  /** How many entries are none. */
  readonly dropped: number;
}

/** Extensions of VS Code and editors made from it, by the list that they keep of what they installed. */
export const editorExtensions: Cataloger<ExtensionList> = {
  id: "editor-extensions",
  version: 2,
  evidence: "installed",
  among: { names: ["extensions.json"] },
  wants: (file) => file.path.endsWith("/extensions/extensions.json"),
  read: readList,
  *catalog(found) {
    for (const [path, { extensions, dropped }] of found) {
      for (const one of extensions) yield packageOf(one, path);
      if (dropped === 0) continue;
      const message = `${path}: ${dropped} extensions have no valid name or version`;
      yield { kind: "problem", code: "RECORD_MALFORMED", message, path };
    }
  },
};

function readList(file: CapturedFile): ExtensionList | Problem {
  const large = tooLarge(file, limits.maxManifestBytes);
  if (large !== undefined) return large;
  try {
    const list = parseJson(file.bytes(limits.maxManifestBytes), file.path);
    if (!isJsonArray(list)) return unreadable(file, "no list of extensions");
    const entries = firstOf(list, limits.maxRecords, "extensions");
    const extensions = entries.flatMap(extensionsOf);
    return { extensions, dropped: entries.length - extensions.length };
  } catch (error) {
    if (isScError(error)) return unreadable(file, "no JSON document");
    throw error;
  }
}

function extensionsOf(entry: JsonValue): Extension[] {
  const object: JsonObject = isJsonObject(entry) ? entry : {};
  const id = stringMember(objectMember(object, "identifier") ?? {}, "id") ?? "";
  const version = stringMember(object, "version");
  const [publisher, name] = (isName(id) ? /^([A-Za-z0-9-]+)\.([A-Za-z0-9._-]+)$/.exec(id)?.slice(1) : undefined) ?? [];
  return publisher === undefined || name === undefined || !isVersion(version) ? [] : [{ publisher, name, version }];
}

function packageOf({ publisher, name, version }: Extension, path: string): FoundPackage {
  return {
    kind: "package",
    type: "vscode-extension",
    name: `${publisher}/${name}`,
    version,
    purl: formatPurl({ type: "vscode-extension", namespace: publisher, name, version }),
    paths: [path],
    licenses: [],
    supplier: publisher,
  };
}
