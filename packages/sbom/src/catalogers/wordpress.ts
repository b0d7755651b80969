import { Buffer } from "node:buffer";
import { formatPurl } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { isName, isVersion, shortText } from "../read/token.ts";
import { publicUrl } from "../read/url.ts";

/** How much of a file WordPress itself reads for its header. */
const headerBytes = 8192;

/** What the header of a plugin's or theme's file says, or the version of WordPress itself. */
interface Stated {
  readonly type: "wordpress-plugin" | "wordpress-theme" | "generic";
  /** The name of the folder, or of the file of a plugin that is one file: what wordpress.org calls it. */
  readonly name: string;
  readonly version: string;
  readonly title?: string;
  readonly author?: string;
  readonly homepage?: string;
  readonly license?: string;
}

const plugin = /(?:^|\/)wp-content\/(?:mu-)?plugins\/(?:([^/]+)\/)?([^/]+)\.php$/;
const theme = /(?:^|\/)wp-content\/themes\/([^/]+)\/style\.css$/;
const core = /(?:^|\/)wp-includes\/version\.php$/;

/**
 * WordPress, and plugins and themes in it, by the headers that WordPress itself reads from their files.
 *
 * @see https://developer.wordpress.org/plugins/plugin-basics/header-requirements/
 */
export const wordpress: Cataloger<Stated> = {
  id: "wordpress",
  version: 1,
  evidence: "installed",
  among: { extensions: ["php", "css"] },
  wants: ({ path }) => path.includes("wp-") && (plugin.test(path) || theme.test(path) || core.test(path)),
  read: readHeader,
  *catalog(found) {
    for (const [path, stated] of found) yield packageOf(stated, path);
  },
};

function readHeader(file: CapturedFile): Stated | undefined {
  const bytes = file.readAt(0, Math.min(file.size, headerBytes));
  const text = Buffer.from(bytes).toString("utf8");
  if (core.test(file.path)) {
    const version = /^\$wp_version\s{0,8}=\s{0,8}['"]([^'"\s]+)['"]/m.exec(text)?.[1];
    return isVersion(version) ? { type: "generic", name: "wordpress", version } : undefined;
  }
  const fields = fieldsOf(text);
  const [, folder, single] = plugin.exec(file.path) ?? [];
  const name = theme.exec(file.path)?.[1] ?? folder ?? single;
  const type = single === undefined ? "wordpress-theme" : "wordpress-plugin";
  const title = fields.get(single === undefined ? "theme name" : "plugin name");
  const version = fields.get("version");
  // Files of a plugin beside the one that WordPress loads have no header.
  if (title === undefined || !isName(name) || !isVersion(version)) return undefined;
  const homepage = fields.get(single === undefined ? "theme uri" : "plugin uri");
  const author = shortText(fields.get("author"));
  return defined<Stated>({ type, name, version, title, author, homepage, license: fields.get("license") });
}

const names: ReadonlySet<string> = new Set(
  "plugin name,plugin uri,theme name,theme uri,version,author,license".split(","),
);

/** `* Plugin Name: x`: the first line of each name, behind whatever a comment begins with. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(":");
    const name = line
      .slice(0, Math.max(0, colon))
      .replace(/^[ \t/*#@]{1,40}|^<\?php[ \t/*#@]{0,40}/, "")
      .trim()
      .toLowerCase();
    const value = line
      .slice(colon + 1)
      .replace(/\*\/.*$|\?>.*$/, "")
      .trim();
    if (names.has(name) && value !== "" && !fields.has(name)) fields.set(name, value);
  }
  return fields;
}

function packageOf({ type, name, version, title, author, homepage, license }: Stated, path: string): FoundPackage {
  return defined<FoundPackage>({
    kind: "package",
    type,
    name,
    version,
    purl: formatPurl({ type, name, version }),
    paths: [path],
    licenses: readLicenses(license === undefined ? [] : [license]),
    supplier: author,
    description: shortText(title),
    homepage: publicUrl(homepage),
  });
}
