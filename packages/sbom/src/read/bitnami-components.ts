import { formatPurl, isJsonObject, type JsonObject, type Package } from "@sc/model";
import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { type Faults, FaultList } from "./faults.ts";
import { stringMember } from "./json-file.ts";
import { isName, isVersion, quote } from "./token.ts";

/** A component as the list has it. */
export type BitnamiComponent = Pick<Package, "type" | "name" | "version" | "purl" | "licenses"> &
  Partial<Pick<Package, "architecture">>;

/** What the list says. */
export interface BitnamiComponents {
  readonly packages: readonly BitnamiComponent[];
  readonly faults?: Faults;
}

/**
 * Components of an image of Bitnami's, by the list in `opt/bitnami` that older images have alone.
 *
 * @see https://github.com/bitnami/containers
 */
export function bitnamiComponents(list: JsonObject): BitnamiComponents {
  const packages: BitnamiComponent[] = [];
  const faults = new FaultList();
  const entries = Object.entries(list);
  if (entries.length > limits.maxRecords) faults.truncate(`more than ${limits.maxRecords} components`);
  for (const [name, entry] of entries.slice(0, limits.maxRecords)) {
    const version = isJsonObject(entry) ? stringMember(entry, "version") : undefined;
    if (!isJsonObject(entry) || !isName(name) || !isVersion(version)) {
      faults.lose(`the component ${quote(name)} has no valid name or version: ${quote(version)}`);
      continue;
    }
    const architecture = stringMember(entry, "arch");
    const qualifiers = { arch: architecture ?? "", distro: stringMember(entry, "distro") ?? "" };
    const purl = formatPurl({ type: "bitnami", name, version, qualifiers });
    packages.push(defined<BitnamiComponent>({ type: "bitnami", name, version, purl, licenses: [], architecture }));
  }
  const broken = faults.finish();
  return broken === undefined ? { packages } : { packages, faults: broken };
}
