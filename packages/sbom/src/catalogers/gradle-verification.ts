import type { PackageHash } from "@sc/model";
import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { lockCataloger, type LockFacts } from "../read/lock-file.ts";
import type { XmlElement } from "../read/xml.ts";
import { childOf, childrenOf, openXml } from "../read/xml-file.ts";

/**
 * What Gradle has checksums of, by gradle/verification-metadata.xml: everything that a build resolves, plugins and
 * versions that are not chosen in the end among them.
 *
 * @see https://docs.gradle.org/current/userguide/dependency_verification.html
 */
export const gradleVerification: Cataloger<LockFacts> = lockCataloger({
  id: "gradle-verification",
  version: 1,
  type: "maven",
  among: { names: ["verification-metadata.xml"] },
  wants: (path) => path === "gradle/verification-metadata.xml" || path.endsWith("/gradle/verification-metadata.xml"),
  open: openXml,
  collect: (root, entries) => {
    if (root.name !== "verification-metadata") return "not a list of checksums";
    for (const component of childrenOf(childOf(root, "components"), "component")) {
      const { attributes } = component;
      entries.add({
        name: `${attributes.get("group") ?? ""}:${attributes.get("name") ?? ""}`,
        version: attributes.get("version") ?? "",
        hashes: hashesOf(component),
      });
    }
    return undefined;
  },
});

/** Those of its archive: its other files have checksums of their own. */
function hashesOf(component: XmlElement): PackageHash[] {
  const archive = childrenOf(component, "artifact").find(({ attributes }) =>
    /\.(jar|aar)$/.test(attributes.get("name") ?? ""),
  );
  return archive?.children.flatMap(({ name, attributes }) => hexHash(name, attributes.get("value")) ?? []) ?? [];
}
