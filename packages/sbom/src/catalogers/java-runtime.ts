import { formatPurl } from "@sc/model";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { limits } from "../limits.ts";
import { isVersion, shortText } from "../read/token.ts";
import { splitFirst } from "../read/cuts.ts";

/** What the release file of a Java runtime says. */
export interface JavaRuntimeFacts {
  readonly version: string;
  /** With build number and what the vendor adds. */
  readonly runtimeVersion?: string;
  readonly vendor?: string;
  readonly kind: "jdk" | "jre";
}

/** Java runtimes, by the `release` file at their root. */
export const javaRuntime: Cataloger<JavaRuntimeFacts> = {
  id: "java-runtime",
  version: 2,
  evidence: "installed",
  among: { names: ["release"] },
  wants: (file) => file.path.endsWith("/release") && file.size < 1_048_576,
  read: (file) => parseRelease(file.text(limits.maxManifestBytes)),
  *catalog(found) {
    for (const [path, facts] of found) yield packageOf(facts, path);
  },
};

function parseRelease(text: string): JavaRuntimeFacts | undefined {
  const fields = new Map<string, string>();
  // Other things are called release too.
  if (!text.includes("JAVA_VERSION")) return undefined;
  for (const line of splitFirst(text, "\n", limits.maxFields, "lines")) {
    const match = /^([A-Z_]+)="?([^"\r]*)"?$/.exec(line.slice(0, limits.maxTextChars).trimEnd());
    if (match !== null) fields.set(match[1] ?? "", match[2] ?? "");
  }
  const version = fields.get("JAVA_VERSION");
  if (!isVersion(version) || !/^\d/.test(version)) return undefined;
  const image = fields.get("IMAGE_TYPE");
  const compiler = /\bjdk\.compiler\b/.test(text) || !fields.has("MODULES");
  return defined<JavaRuntimeFacts>({
    version,
    runtimeVersion: shortText(fields.get("JAVA_RUNTIME_VERSION")),
    // Oracle's own builds of Java 8 name nobody.
    vendor: shortText(fields.get("IMPLEMENTOR") ?? (fields.get("BUILD_TYPE") === "commercial" ? "Oracle" : undefined)),
    kind: image === "JRE" || (image === undefined && !compiler) ? "jre" : "jdk",
  });
}

/** Vendors whose builds vulnerability feeds list under a name of their own: vendor and product. */
const products: readonly (readonly [pattern: RegExp, vendor: string, product: string | undefined])[] = [
  [/^oracle/i, "oracle", undefined],
  [/azul/i, "azul", "zulu"],
  [/ibm/i, "ibm", "semeru"],
  [/amazon/i, "amazon", "corretto"],
  [/eclipse|adoptium/i, "eclipse", "temurin"],
  [/microsoft/i, "microsoft", "openjdk"],
];

function packageOf({ version, runtimeVersion, vendor, kind }: JavaRuntimeFacts, path: string): FoundPackage {
  const known = products.find(([pattern]) => pattern.test(vendor ?? ""));
  const name = known?.[2] ?? (known === undefined ? "openjdk" : kind);
  const cpeVersion = cpeVersionOf(version);
  const owned = known?.[1] === "oracle" ? kind : "openjdk";
  return defined<FoundPackage>({
    kind: "package",
    type: "generic",
    name: known === undefined ? name : `${known[1]}/${name}`,
    version,
    purl: formatPurl({ type: "generic", namespace: known?.[1], name, version }),
    paths: [path],
    licenses: [],
    // The program `java` in there says its version too, with the number of the build.
    folder: path.slice(0, -"release".length),
    folderVersions: runtimeVersion === undefined ? undefined : [runtimeVersion],
    supplier: vendor,
    cpes: [`cpe:2.3:a:oracle:${owned}:${cpeVersion}:*:*:*:*:*:*`],
    properties: someProperties({ "java:runtime-version": runtimeVersion, "java:image-type": kind }),
  });
}

/** `1.8.0_402` is version 1.8.0, update402 in a CPE. */
function cpeVersionOf(version: string): string {
  const [base = version, update] = version.replaceAll(/[^A-Za-z0-9._-]/g, "").split("_");
  return update === undefined ? `${base}:*` : `${base}:update${update.replace(/^0+/, "")}`;
}
