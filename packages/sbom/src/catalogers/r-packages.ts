import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { Copies } from "../read/copies.ts";
import { parseStanzas } from "../read/stanza.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { isName, isVersion, shortText } from "../read/token.ts";
import { publicUrl } from "../read/url.ts";
import { splitFirst } from "../read/cuts.ts";

/** What the DESCRIPTION of an installed package says. */
export interface RFacts {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly title?: string;
  readonly author?: string;
  readonly homepage?: string;
  readonly repository?: string;
  readonly requires: readonly string[];
}

/** R packages that are installed, by their DESCRIPTION files; those of sources lack what building adds. */
export const rPackages: Cataloger<RFacts> = {
  id: "r-packages",
  version: 1,
  evidence: "installed",
  among: { names: ["DESCRIPTION"] },
  wants: (file) => file.path.endsWith("/DESCRIPTION"),
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readDescription(file),
  *catalog(found) {
    const copies = new Copies((path) => path.split("/").slice(0, -2).join("/"));
    for (const [path, { name }] of found) copies.add(name, path);
    for (const [path, facts] of found) yield packageOf(facts, path, copies);
  },
};

function readDescription(file: CapturedFile): RFacts | Problem | undefined {
  const [stanza] = parseStanzas(file.text(limits.maxManifestBytes));
  const field = (name: string): string | undefined => stanza?.fields.get(name);
  const name = field("package");
  // Other things are called DESCRIPTION too.
  if (field("built") === undefined || name === undefined) return undefined;
  const version = field("version");
  if (!isName(name) || !/^[A-Za-z][A-Za-z0-9.]*$/.test(name)) return malformed(file, "the package has no valid name");
  if (!isVersion(version)) return malformed(file, `the package ${JSON.stringify(name)} has no valid version`);
  return defined<RFacts>({
    name,
    version,
    license: shortText(field("license")),
    title: shortText(field("title")),
    author: shortText(field("maintainer")),
    homepage: publicUrl(field("url")?.split(/[,\s]/, 1)[0]),
    repository: shortText(field("repository")),
    requires: ["depends", "imports", "linkingto"].flatMap((list) => namesOf(field(list))),
  });
}

function namesOf(list: string | undefined): string[] {
  return splitFirst(list ?? "", ",", limits.maxNames, "names it depends on")
    .map((one) => one.trim().split(/[\s(]/, 1)[0] ?? "")
    .filter((name) => name !== "" && name !== "R");
}

function packageOf(facts: RFacts, path: string, copies: Copies): FoundPackage {
  const { name, version } = facts;
  return defined<FoundPackage>({
    kind: "package",
    type: "cran",
    name,
    version,
    purl: formatPurl({ type: "cran", name, version }),
    paths: [path],
    licenses: facts.license === undefined ? [] : readLicenses([facts.license]),
    supplier: facts.author,
    description: facts.title,
    homepage: facts.homepage,
    properties: someProperties({ "r:repository": facts.repository }),
    dependsOnPaths: copies.allMeant(facts.requires, path),
  });
}
