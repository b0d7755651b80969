import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicense } from "../license.ts";
import { limits } from "../limits.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";

/** What the description of an application says. */
export interface FlatpakFacts {
  readonly id: string;
  readonly version: string;
  readonly title?: string;
  readonly developer?: string;
  readonly license?: string;
}

/**
 * Applications that Flatpak installed, by their descriptions in AppStream's format.
 *
 * @see https://www.freedesktop.org/software/appstream/docs/
 */
export const flatpak: Cataloger<FlatpakFacts> = {
  id: "flatpak",
  version: 1,
  evidence: "installed",
  among: { folders: ["metainfo"] },
  wants: ({ path }) => /(^|\/)flatpak\/app\//.test(path) && /\/metainfo\/[^/]+\.xml$/.test(path),
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readMetainfo(file),
  *catalog(found) {
    const seen = new Set<string>();
    for (const [path, { id, version, title, developer, license }] of found) {
      // The same application lies under `current`, under its branch and under its commit.
      if (seen.has(`${id}\n${version}`)) continue;
      seen.add(`${id}\n${version}`);
      const read = license === undefined ? undefined : readLicense(license);
      yield defined<FoundPackage>({
        kind: "package",
        type: "flatpak",
        name: id,
        version,
        purl: formatPurl({ type: "flatpak", name: id, version }),
        paths: [path],
        licenses: read === undefined ? [] : [read],
        supplier: developer,
        description: title,
      });
    }
  },
};

/** Only the head of the document is of interest, and there only elements of text: no parser is needed for it. */
function readMetainfo(file: CapturedFile): FlatpakFacts | Problem {
  const text = file.text(limits.maxManifestBytes);
  const id = elementOf(text, "id")?.replace(/\.desktop$/, "");
  const version = /<release\s[^<>]{0,1000}?\bversion="([^"<>]*)"/.exec(text)?.[1];
  if (!isName(id) || !isVersion(version)) {
    return {
      ...malformed(file, `the application ${quote(id)} has no valid id or version: ${quote(version)}`),
      incomplete: true,
    };
  }
  return defined<FlatpakFacts>({
    id,
    version,
    title: elementOf(text, "name"),
    developer: elementOf(text, "developer_name"),
    license: elementOf(text, "project_license"),
  });
}

/** The text of the first element of a name that has no attributes. */
function elementOf(text: string, name: string): string | undefined {
  const start = text.indexOf(`<${name}>`);
  if (start === -1) return undefined;
  const from = start + name.length + 2;
  const end = text.indexOf("<", from);
  return end === -1 ? undefined : shortText(text.slice(from, end));
}
