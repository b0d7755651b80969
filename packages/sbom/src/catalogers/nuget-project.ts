import type { Cataloger } from "../cataloger.ts";
import { lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { msbuildItems, msbuildProperties, msbuildValue, referencedVersion } from "../read/msbuild.ts";
import { openXml } from "../read/xml-file.ts";

/** Project files of the languages of .NET, and the files of central package management and of old package lists. */
const names = /\.(csproj|fsproj|vbproj)$|(^|\/)(directory\.packages\.props|directory\.build\.props|packages\.props)$/i;

/**
 * What projects of .NET refer to with a version: PackageReference, and with central package management PackageVersion.
 * Versions that other files define, and floating ones, are left out.
 *
 * @see https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files
 */
export const nugetProject: Cataloger<LockFacts> = lockCataloger({
  id: "nuget-project",
  version: 1,
  type: "nuget",
  among: { extensions: ["csproj", "fsproj", "vbproj", "props"] },
  wants: (path) => names.test(path),
  open: openXml,
  collect: (project, entries) => {
    if (project.name !== "Project") return "not a project";
    const properties = msbuildProperties(project);
    for (const kind of ["PackageReference", "PackageVersion", "GlobalPackageReference"]) {
      for (const item of msbuildItems(project, kind)) {
        const name = msbuildValue(item, "Include", { properties }) ?? msbuildValue(item, "Update", { properties });
        const said =
          msbuildValue(item, "VersionOverride", { properties }) ?? msbuildValue(item, "Version", { properties });
        const version = referencedVersion(said);
        const isBuildOnly = msbuildValue(item, "PrivateAssets", { properties })?.toLowerCase() === "all";
        if (name === undefined || version === undefined) continue;
        entries.add({ name, version, scope: isBuildOnly ? "build" : undefined });
      }
    }
    return undefined;
  },
});
