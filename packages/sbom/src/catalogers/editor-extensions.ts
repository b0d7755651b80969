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
import { malformed, tooLarge } from "../read/too-large.ts";
import { isVersion } from "../read/token.ts";
import { firstOf } from "../read/cuts.ts";

/** What VS Code keeps of one extension. */
interface Extension {
  readonly publisher: string;
  readonly name: string;
  readonly version: string;
}

/** Extensions of VS Code and editors made from it, by the list that they keep of what they installed. */
export const editorExtensions: Cataloger<{ readonly extensions: readonly Extension[] }> = {
  id: "editor-extensions",
  version: 1,
  evidence: "installed",
  among: { names: ["extensions.json"] },
  wants: (file) => file.path.endsWith("/extensions/extensions.json"),
  read: readList,
  *catalog(found) {
    for (const [path, { extensions }] of found) for (const one of extensions) yield packageOf(one, path);
  },
};

function readList(file: CapturedFile): { readonly extensions: readonly Extension[] } | Problem {
  const large = tooLarge(file, limits.maxManifestBytes);
  if (large !== undefined) return large;
  try {
    const list = parseJson(file.bytes(limits.maxManifestBytes), file.path);
    if (!isJsonArray(list)) return malformed(file, "no list of extensions");
    return { extensions: firstOf(list, limits.maxRecords, "extensions").flatMap(extensionsOf) };
  } catch (error) {
    if (isScError(error)) return malformed(file, "no JSON document");
    throw error;
  }
}

function extensionsOf(entry: JsonValue): Extension[] {
  const object: JsonObject = isJsonObject(entry) ? entry : {};
  const id = stringMember(objectMember(object, "identifier") ?? {}, "id") ?? "";
  const version = stringMember(object, "version");
  const [publisher, name] = /^([A-Za-z0-9-]{1,200})\.([A-Za-z0-9._-]{1,200})$/.exec(id)?.slice(1) ?? [];
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
