import { formatPurl, isJsonObject, isScError, type JsonObject, parseJson } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { limits } from "../limits.ts";
import { memberOf, objectMember, stringMember } from "../read/json-file.ts";
import { isName, isVersion } from "../read/token.ts";
import { firstOf, hasRoom } from "../read/cuts.ts";

/** What the folder of a keg or cask says, and the receipt in it. */
export interface HomebrewFacts {
  readonly name: string;
  readonly version: string;
  readonly kind: "formula" | "cask";
  /** The collection that the formula is of. */
  readonly tap?: string;
  readonly dependsOn: readonly string[];
}

/**
 * Formulae and casks that Homebrew installed, by the folders they are in.
 *
 * @see https://docs.brew.sh/Formula-Cookbook
 */
export const homebrew: Cataloger<HomebrewFacts> = {
  id: "homebrew",
  version: 2,
  evidence: "installed",
  among: { names: ["INSTALL_RECEIPT.json", "source.properties", "Info.plist"], extensions: ["sh"] },
  wants: ({ path }) => placeOf(path) !== undefined,
  read: (file) => {
    const place = placeOf(file.path);
    if (place === undefined || !isName(place.name) || !isVersion(place.version)) return undefined;
    return { ...place, ...(place.kind === "formula" ? receiptOf(file) : { dependsOn: [] }) };
  },
  *catalog(found) {
    const seen = new Set<string>();
    for (const [path, { name, version, kind, tap, dependsOn }] of found) {
      const folder = path.slice(0, path.lastIndexOf(`/${name}/`));
      if (seen.has(`${folder}\n${name}\n${version}`)) continue;
      seen.add(`${folder}\n${name}\n${version}`);
      yield defined<FoundPackage>({
        kind: "package",
        type: "brew",
        name,
        version,
        purl: formatPurl({ type: "brew", name, version }),
        paths: [path],
        licenses: [],
        dependsOn,
        properties: someProperties({ "brew:kind": kind, "brew:tap": tap }),
      });
    }
  },
};

/** `Cellar/<name>/<version>/INSTALL_RECEIPT.json`, and files of casks that most of them have. */
function placeOf(path: string): Pick<HomebrewFacts, "name" | "version" | "kind"> | undefined {
  // Asked of every file of an image: most are told by their names alone.
  const file = path.slice(path.lastIndexOf("/") + 1);
  const isReceipt = file === "INSTALL_RECEIPT.json";
  const ofCask = file === "source.properties" || file === "Info.plist" || file.endsWith(".wrapper.sh");
  if (!isReceipt && !ofCask) return undefined;
  const parts = path.split("/");
  if (isReceipt) {
    const [cellar, name, version] = parts.slice(-4);
    return cellar === "Cellar" && name !== undefined && version !== undefined
      ? { name, version, kind: "formula" }
      : undefined;
  }
  const at = parts.indexOf("Caskroom");
  const [name, version] = at === -1 ? [] : parts.slice(at + 1, -1);
  return name !== undefined && version !== undefined ? { name, version, kind: "cask" } : undefined;
}

/** The name and version are told by the folder: a receipt that cannot be read takes nothing away. */
function receiptOf(file: CapturedFile): Pick<HomebrewFacts, "tap" | "dependsOn"> {
  let receipt: JsonObject | undefined;
  if (!hasRoom(file.size - 1, limits.maxManifestBytes, "bytes of a receipt")) return { dependsOn: [] };
  try {
    const json = parseJson(file.bytes(limits.maxManifestBytes), file.path);
    receipt = isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (!isScError(error)) throw error;
  }
  if (receipt === undefined) return { dependsOn: [] };
  const needs = memberOf(receipt, "runtime_dependencies");
  const dependsOn = firstOf(Array.isArray(needs) ? needs : [], limits.maxNames, "names it depends on")
    .map((need) => (isJsonObject(need) ? stringMember(need, "full_name")?.split("/").at(-1) : undefined))
    .filter(isName);
  const tap = stringMember(objectMember(receipt, "source") ?? {}, "tap")?.slice(0, limits.maxNameChars);
  return defined<Pick<HomebrewFacts, "tap" | "dependsOn">>({ tap, dependsOn });
}
