import { PackageURL } from "packageurl-js";
import { ScError } from "./error.ts";

/**
 * A package URL in canonical form. Compare purls of different origin by their parts, never as text: other tools
 * encode differently.
 *
 * @see https://github.com/package-url/purl-spec
 */
export type Purl = `pkg:${string}`;

/** The parts of a package URL, decoded. */
export interface PurlParts {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string>> | undefined;
  readonly subpath?: string | undefined;
}

/** The canonical package URL of the given parts. Throws `PURL_INVALID` when a part is not allowed by the type. */
export function formatPurl(parts: PurlParts): Purl {
  try {
    const url = new PackageURL(
      parts.type,
      parts.namespace,
      parts.name,
      parts.version,
      parts.qualifiers === undefined ? undefined : { ...parts.qualifiers },
      parts.subpath,
    );
    return `pkg:${url.toString().slice("pkg:".length)}`;
  } catch (cause) {
    throw new ScError("PURL_INVALID", `no package URL can be made of ${JSON.stringify(parts)}`, { cause });
  }
}

/** The parts of a package URL. Throws `PURL_INVALID`. */
export function parsePurl(text: string): PurlParts {
  try {
    const url = PackageURL.fromString(text);
    const name = url.name;
    const type = url.type;
    if (name === undefined || type === undefined) throw new TypeError("type and name are required");
    return {
      type,
      namespace: url.namespace ?? undefined,
      name,
      version: url.version ?? undefined,
      qualifiers: url.qualifiers === undefined || url.qualifiers === null ? undefined : { ...url.qualifiers },
      subpath: url.subpath ?? undefined,
    };
  } catch (cause) {
    throw new ScError("PURL_INVALID", `${JSON.stringify(text.slice(0, 300))} is not a package URL`, {
      cause,
      hint: "Write it as pkg:type/namespace/name@version.",
    });
  }
}
