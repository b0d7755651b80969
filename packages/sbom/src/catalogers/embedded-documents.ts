import { type Inventory, isScError, type Package, parsePurl, type Problem, type PurlParts } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { readBom } from "../cyclonedx/read-bom.ts";
import { defined, someProperties } from "../defined.ts";
import { type DocumentSyntax, hasMember, parseSyntax } from "../document-syntax.ts";
import { limits } from "../limits.ts";
import { bitnamiComponents, type BitnamiComponents } from "../read/bitnami-components.ts";
import { type Faults, FaultList, faultProblems } from "../read/faults.ts";
import { readJsonObject } from "../read/json-file.ts";
import { quote } from "../read/token.ts";
import { tooLarge, unreadable } from "../read/too-large.ts";
import { readSpdx } from "../spdx/read-document.ts";
import { documentOfTags, isTagValue } from "../spdx/read-tags.ts";
import { hasRoom } from "../read/cuts.ts";

/** What a document that lies in the image lists. */
export interface EmbeddedDocument {
  /** `bitnami` is no document, but a list of names and versions. */
  readonly format: "cyclonedx" | "spdx" | "bitnami";
  readonly packages: readonly DocumentPackage[];
  readonly faults?: Faults;
}

type DocumentPackage = Pick<Package, "type" | "name" | "version" | "purl" | "licenses"> &
  Partial<
    Pick<Package, "architecture" | "source" | "origin" | "supplier" | "description" | "homepage" | "hashes" | "cpes">
  > & {
    /** Places in the list. */
    readonly needs: readonly number[];
  };

/**
 * Software bills of materials that those who built a part of the image left beside it: of Bitnami's components, of the
 * native libraries in Python wheels (PEP 770), of packages that put theirs into `usr/lib/sbom` and its like. They are
 * believed where they lie in such a place; a document elsewhere may be about anything.
 *
 * @see https://peps.python.org/pep-0770/
 */
export const embeddedDocuments: Cataloger<EmbeddedDocument> = {
  id: "embedded-documents",
  version: 4,
  evidence: "installed",
  yieldsToOwner: true,
  among: { extensions: ["spdx", "json", "cdx"] },
  wants: ({ path }) => places.some((place) => place.test(path)),
  read: readDocument,
  *catalog(found) {
    const documented = new Set<string>();
    for (const { packages, format } of found.values()) {
      if (format !== "bitnami") for (const one of packages) documented.add(nameOf(one));
    }
    for (const [path, { packages, faults, format }] of found) {
      yield* faultProblems(path, faults);
      for (const [index, one] of packages.entries()) {
        // Newer images have the list and, of each component, a document, which says more.
        if (format !== "bitnami" || !documented.has(nameOf(one))) yield packageOf(one, { index, path, format });
      }
    }
  },
};

function nameOf({ type, name, version }: DocumentPackage): string {
  return [type, name, version].join("\n");
}

const bitnamiList = /(?:^|\/)opt\/bitnami\/\.bitnami_components\.json$/;

const places: readonly RegExp[] = [
  bitnamiList,
  /(?:^|\/)\.spdx-[^/]+\.spdx(?:\.json)?$/,
  /\.dist-info\/sboms\/(?:[^/]+\/)*[^/]+\.(?:json|cdx|spdx)$/i,
  /(?:^|\/)(?:usr\/(?:lib|share)|var\/lib\/db)\/sbom\/(?:[^/]+\/)*[^/]+\.(?:json|cdx|spdx)$/,
];

/** What is not a package that is installed: sources, images, identifiers of whatever. */
const otherTypes: ReadonlySet<string> = new Set(["github", "gitlab", "bitbucket", "oci", "docker", "swid"]);

function readDocument(file: CapturedFile): EmbeddedDocument | Problem {
  const large = tooLarge(file, limits.maxManifestBytes);
  if (large !== undefined) return large;
  if (bitnamiList.test(file.path)) {
    const read = readJsonObject(file);
    return "kind" in read ? read : listOf(bitnamiComponents(read.json));
  }
  try {
    const read = inventoryOf(parseSyntax(file.bytes(limits.maxManifestBytes), file.path));
    if (read === undefined) return unreadable(file, "a document in another form than JSON and tag-value");
    const { format, packages, relationships } = read;
    const ids = new Map<string, string[]>();
    for (const { from, to, type } of relationships) {
      if (type !== "depends-on") continue;
      const needs = ids.get(from) ?? [];
      ids.set(from, needs);
      if (hasRoom(needs.length, limits.maxNames, "packages that one depends on")) needs.push(to);
    }
    return documentOf(format, packages, ids);
  } catch (error) {
    if (isScError(error)) return unreadable(file, `no document that can be read: ${quote(error.message)}`);
    throw error;
  }
}

/** The document's inventory, of whichever format it is; none of a text that is not SPDX. */
function inventoryOf(syntax: DocumentSyntax): (Inventory & Pick<EmbeddedDocument, "format">) | undefined {
  if (syntax.kind === "xml" || (syntax.kind === "text" && !isTagValue(syntax.text))) return undefined;
  if (syntax.kind === "text") return { format: "spdx", ...readSpdx(documentOfTags(syntax.text)) };
  const isBom = hasMember(syntax, "bomFormat");
  return isBom ? { format: "cyclonedx", ...readBom(syntax.value) } : { format: "spdx", ...readSpdx(syntax.value) };
}

function listOf({ packages, ...rest }: BitnamiComponents): EmbeddedDocument {
  return { format: "bitnami", packages: packages.map((one) => ({ ...one, needs: [] })), ...rest };
}

function documentOf(
  format: EmbeddedDocument["format"],
  all: readonly Package[],
  needs: ReadonlyMap<string, readonly string[]>,
): EmbeddedDocument {
  const faults = new FaultList();
  const listed = all.filter((one) => isPackage(parsePurl(one.purl)) && isShort(one));
  if (listed.length > limits.maxRecords) faults.truncate(`more than ${limits.maxRecords} packages`);
  const kept = listed.slice(0, limits.maxRecords);
  const indexes = new Map(kept.map(({ id }, index) => [id, index]));
  const packages = kept.map(({ id, type, name, version, purl, licenses, ...entry }) => {
    const { architecture, source, origin, supplier, description, homepage, hashes, cpes } = entry;
    const named = { type, name, version, purl, licenses, architecture, source, origin };
    const told = { supplier, description, homepage, hashes, cpes };
    return defined<DocumentPackage>({
      ...named,
      ...told,
      needs: (needs.get(id) ?? []).flatMap((to) => indexes.get(to) ?? []),
    });
  });
  const found = faults.finish();
  return found === undefined ? { format, packages } : { format, packages, faults: found };
}

function isShort({ name, version }: Package): boolean {
  const { maxNameChars, maxVersionChars } = limits;
  return (
    hasRoom(name.length - 1, maxNameChars, "characters of a name") &&
    hasRoom(version.length - 1, maxVersionChars, "characters of a version")
  );
}

/** A generic purl that we made of a name is no evidence of a package. */
function isPackage({ type, version }: PurlParts): boolean {
  return version !== undefined && type !== "generic" && !otherTypes.has(type);
}

interface Listed {
  readonly index: number;
  readonly path: string;
  readonly format: EmbeddedDocument["format"];
}

function packageOf({ needs, ...one }: DocumentPackage, { index, path, format }: Listed): FoundPackage {
  const name = (place: number): string => `${path}#${place}`;
  const inner = format === "bitnami" ? `${one.name}/` : "";
  return defined<FoundPackage>({
    kind: "package",
    ...one,
    paths: [path],
    properties: format === "bitnami" ? undefined : someProperties({ "sbom:document": format }),
    provides: [name(index)],
    dependsOn: needs.map(name),
    // Bitnami gives each component a folder, and puts the document into it.
    folder: one.type === "bitnami" ? `${path.slice(0, path.lastIndexOf("/") + 1)}${inner}` : undefined,
  });
}
