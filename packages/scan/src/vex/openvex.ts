import type { Decoder } from "@sc/model";
import type { VexDocument, VexProduct, VexStatement, VexStatus } from "./statement.ts";

const statuses: readonly VexStatus[] = ["not_affected", "affected", "fixed", "under_investigation"];

/**
 * The statements of an OpenVEX document: of version 0.2.0, and of 0.0.1 with its products and vulnerabilities as plain
 * texts. Throws `DECODE_FAILED`.
 *
 * @see https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md
 */
export function readOpenVex(document: Decoder, source: string): VexDocument {
  const author = document.member("author").optional((value) => value.string());
  const time = readTime(document);
  const statements = document.member("statements").array();
  return {
    format: "openvex",
    ...(author === undefined ? {} : { author }),
    statements: statements.map((statement) => readStatement(statement, { source, time })),
  };
}

function readTime(value: Decoder): number | undefined {
  for (const name of ["last_updated", "timestamp"]) {
    const member = value.member(name);
    const time = member.optional((text) => Date.parse(text.string()));
    if (time !== undefined && Number.isNaN(time)) throw member.wrong("a time");
    if (time !== undefined) return time;
  }
  return undefined;
}

function readStatement(value: Decoder, base: { source: string; time: number | undefined }): VexStatement {
  const status = statuses.find((known) => known === value.member("status").value);
  if (status === undefined) throw value.member("status").wrong(statuses.join(", "));
  const texts = ["justification", "impact_statement", "status_notes", "action_statement"].flatMap(
    (name) => value.member(name).optional((text) => text.string()) ?? [],
  );
  return {
    ids: readIds(value.member("vulnerability")),
    products: value.member("products").optional((list) => list.array().map(readProduct)) ?? [],
    status,
    reason: texts.filter((text) => text !== "").join(": "),
    time: readTime(value) ?? base.time ?? 0,
    source: base.source,
  };
}

function readIds(value: Decoder): readonly string[] {
  if (typeof value.value === "string") return [value.string()];
  const aliases = value.member("aliases").optional((list) => list.array().map((alias) => alias.string())) ?? [];
  return [value.member("name").string(), ...aliases];
}

function readProduct(value: Decoder): VexProduct {
  if (typeof value.value === "string") return { names: [value.string()], parts: [] };
  const parts = value.member("subcomponents").optional((list) => list.array().map(readNames)) ?? [];
  return { names: readNames(value), parts };
}

function readNames(value: Decoder): readonly string[] {
  if (typeof value.value === "string") return [value.string()];
  const id = value.member("@id").optional((text) => text.string());
  const identifiers = value.member("identifiers").optional((found) => Object.values(found.strings())) ?? [];
  const hashes = value.member("hashes").optional((found) => found.strings());
  const digest = hashes?.["sha-256"];
  return [...(id === undefined ? [] : [id]), ...identifiers, ...(digest === undefined ? [] : [`sha256:${digest}`])];
}
