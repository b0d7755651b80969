import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Problem } from "@sc/model";
import {
  type Cataloger,
  type CatalogResult,
  documentFormats,
  type DocumentSyntax,
  isPurlList,
  openDocument,
  readPurlList,
} from "@sc/sbom";
import { catalogers } from "@sc/sbom/catalogers";
import { readVex } from "@sc/scan";
import { feeds } from "../packages/scan/src/feeds/index.ts";
import { folderEntries } from "./folder-layer.ts";

const vectors = join(import.meta.dirname, "../vectors/catalogers");

/** One reader of what somebody else wrote, with a file that it reads. */
export interface HostileParser {
  /** What reads: the id of a cataloger, a format, a feed. */
  readonly id: string;
  /** The file's path, where the reader looks at that. */
  readonly path: string;
  /** The bytes as a file that the reader takes, behind a beginning of its kind where they have none of their own. */
  readonly content: (bytes: Uint8Array) => Uint8Array;
  /** What the reader takes out of the bytes, as plain data. May throw typed errors where it is no cataloger. */
  readonly parse: (bytes: Uint8Array) => unknown;
  /** What is made of that: for a cataloger its packages and problems, for others the same again. */
  readonly make: (parsed: unknown) => unknown;
}

/** Every cataloger with one file for each name that it takes from its own cases. */
export const catalogerParsers: readonly HostileParser[] = catalogers.flatMap((cataloger) =>
  targetsOf(cataloger).map(({ path, head }) => ({
    id: cataloger.id,
    path,
    content: (bytes) =>
      head.length === 0 || takesContent(cataloger, path, bytes) ? bytes : Buffer.concat([head, bytes]),
    parse: (bytes) => read(cataloger, path, Buffer.from(bytes)),
    make: (facts) => catalogued(cataloger, path, facts),
  })),
);

/** Every reader of documents: parts lists in all formats, lists of package URLs, VEX, and feeds of advisories. */
export const documentParsers: readonly HostileParser[] = [
  named("documents", (bytes) => {
    const document = openDocument(bytes, { where: "document" });
    return document === undefined ? undefined : [document.inventory(), document.facts()];
  }),
  ...documentFormats.flatMap(({ id, reading }) =>
    reading === undefined
      ? []
      : [named(`${id}, asked`, (bytes) => syntaxes(bytes).map((one) => reading.recognizes(one)))],
  ),
  named("lists of package URLs", (bytes) => [isPurlList(bytes), readPurlList(bytes, { where: "list" })]),
  named("VEX", (bytes) => readVex(bytes, "vex")),
  ...feeds.map(({ id, recognizes }) =>
    named(`${id}, asked`, (bytes) => recognizes(Buffer.from(bytes).toString("latin1"))),
  ),
  ...feeds.flatMap((feed) =>
    (["json", "yaml"] as const).map((syntax) =>
      named(`${feed.id} in ${syntax}`, (bytes) => [...feed.read({ where: "feed", syntax, chunks: [bytes] })]),
    ),
  ),
];

function named(id: string, parse: (bytes: Uint8Array) => unknown): HostileParser {
  return { id, path: "", content: (bytes) => bytes, parse, make: (parsed) => parsed };
}

/** A text wherever a format may look when it is asked. */
function syntaxes(bytes: Uint8Array): readonly DocumentSyntax[] {
  const text = Buffer.from(bytes).toString();
  const root = { name: text, namespace: text, attributes: new Map([["xmlns", text]]), children: [], text };
  const value = { "@context": text, "@graph": text, bomFormat: text, spdxVersion: text, schema: text, artifacts: text };
  return [
    { kind: "text", text },
    { kind: "json", value },
    { kind: "xml", root },
  ];
}

interface Target {
  readonly path: string;
  /** What a file has to begin with to be taken, where the reader looks at that and not at the name. */
  readonly head: Uint8Array;
}

function targetsOf(cataloger: Cataloger<unknown>): readonly Target[] {
  const folder = join(vectors, cataloger.id);
  const folders = readdirSync(folder).flatMap((name) =>
    readdirSync(join(folder, name))
      .filter((part) => part !== "expected.json")
      .map((part) => join(folder, name, part)),
  );
  const taken = folders
    .flatMap((layer) => folderEntries(layer))
    .flatMap(({ path, content }): Target[] => {
      if (content === undefined) return [];
      const bytes = Buffer.from(content);
      const file = { path, type: "file", size: bytes.length, mode: 0o644 } as const;
      if (cataloger.wants(file)) return [{ path, head: Buffer.alloc(0) }];
      return takesContent(cataloger, path, bytes) ? [{ path, head: bytes.subarray(0, 64) }] : [];
    });
  // Those told by their content have their parser chosen by its beginning, whatever they are called.
  const kindOf = ({ path, head }: Target): string =>
    head.length === 0 ? basename(path) : Buffer.from(head.subarray(0, 20)).toString("hex");
  return [...new Map(taken.map((target) => [kindOf(target), target])).values()];
}

function takesContent(cataloger: Cataloger<unknown>, path: string, bytes: Uint8Array): boolean {
  const file = { path, type: "file", size: bytes.length, mode: 0o644 } as const;
  return cataloger.sniff?.(bytes.subarray(0, 4096), file) === true;
}

function read(cataloger: Cataloger<unknown>, path: string, content: Buffer): unknown {
  return cataloger.read({
    path,
    size: content.length,
    mode: 0o644,
    bytes: () => content,
    text: () => content.toString("utf8"),
    readAt: (offset, length) => content.subarray(offset, offset + length),
  });
}

/** What a cataloger makes of the facts of one file by itself. */
function catalogued(cataloger: Cataloger<unknown>, path: string, facts: unknown): readonly CatalogResult[] {
  if (facts === undefined) return [];
  if (isProblem(facts)) return [facts];
  // Facts pass between threads and through the cache as JSON.
  const kept: unknown = JSON.parse(JSON.stringify(facts));
  return [...cataloger.catalog(new Map([[path, kept]]), { distribution: undefined, resolve: () => undefined })];
}

/** Whether a value is a problem. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "problem";
}
