import { createHash } from "node:crypto";
import {
  canonicalJson,
  digestOf,
  formatPurl,
  type Inventory,
  type InventorySubject,
  type Purl,
  ScError,
} from "@sc/model";
import type { WriteDocumentOptions } from "./document.ts";
import { defined } from "./defined.ts";

/** The namespace of the name-based UUIDs that documents made here bear: a random UUID, chosen once. */
const namespace = Buffer.from("b2a8f1c45d0e4f7a9c3d6e81f0a47b15", "hex");

/**
 * The UUID of a document: made from what it is about and from the options, so that it is the same in every run and
 * another for other options.
 *
 * @see RFC 9562, section 5.5
 */
export function documentUuid(
  inventory: Inventory,
  options: WriteDocumentOptions & { readonly format: string },
): string {
  const { subject, catalogers, packages, problems } = inventory;
  // Without some packages it is another document. What is left names it, so that the name tells nothing of what is not.
  const partial = problems.some(({ code }) => code === "PACKAGES_EXCLUDED");
  const name = canonicalJson({
    subject: subject.digest ?? subject.name,
    catalogers: [...catalogers],
    format: options.format,
    configuration: options.configuration,
    packages: partial ? digestOf(packages.map(({ id }) => id).join("\n")) : undefined,
    version: options.version,
    tool: options.tool === undefined ? undefined : { ...options.tool },
  });
  const hash = createHash("sha1").update(namespace).update(name).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The version asked for, else the default, which is the first. Throws `DOCUMENT_UNSUPPORTED` for any other. */
export function chooseVersion<Version extends string>(
  asked: string | undefined,
  versions: readonly [Version, ...Version[]],
  format: string,
): Version {
  const version = asked === undefined ? versions[0] : versions.find((known) => known === asked);
  if (version !== undefined) return version;
  const got = JSON.stringify((asked ?? "").slice(0, 40));
  throw new ScError("DOCUMENT_UNSUPPORTED", `${format} is not written in version ${got}`, {
    hint: `Use one of ${versions.join(", ")}.`,
  });
}

/** When a document counts as made, to the second; `undefined` when neither caller nor image says. */
export function documentTime(inventory: Inventory, options: WriteDocumentOptions): string | undefined {
  const text = options.timestamp ?? inventory.subject.created;
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** The purl of an image: its digest is its version, its place a qualifier. `undefined` for what has no digest. */
export function imagePurl(subject: InventorySubject): Purl | undefined {
  const name = (subject.repository ?? subject.name).split("/").at(-1)?.split("@", 1)[0]?.split(":", 1)[0];
  if (subject.digest === undefined || name === undefined || !/^[\w.-]+$/.test(name)) return undefined;
  const qualifiers = defined<{ readonly [name: string]: string }>({
    arch: subject.platform?.architecture,
    repository_url: subject.repository?.toLowerCase(),
    tag: subject.tag,
  });
  return formatPurl({ type: "oci", name, version: subject.digest, qualifiers });
}
