import type { Cataloger } from "../cataloger.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { childrenOf, openXml } from "../read/xml-file.ts";

/**
 * What NuGet restores for projects of the .NET Framework, by packages.config.
 *
 * @see https://learn.microsoft.com/nuget/reference/packages-config
 */
export const packagesConfig: Cataloger<LockFacts> = lockCataloger({
  id: "packages-config",
  version: 1,
  type: "nuget",
  among: { extensions: ["config"] },
  wants: (path) => isNamed(path.toLowerCase(), "packages.config"),
  open: openXml,
  collect: (root, entries) => {
    if (root.name !== "packages") return "not a list of packages";
    for (const { attributes } of childrenOf(root, "package")) {
      // Without a name or a version NuGet takes no package for it.
      const name = attributes.get("id");
      const version = attributes.get("version");
      const scope = attributes.get("developmentDependency")?.toLowerCase() === "true" ? "dev" : undefined;
      if (name !== undefined && version !== undefined) entries.add({ name, version, scope });
    }
    return undefined;
  },
});
