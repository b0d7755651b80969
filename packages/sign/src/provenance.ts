import { Decoder, isJsonObject, ScError } from "@sc/model";
import type { Statement } from "./statement.ts";
import { slsaprovenancePredicate } from "./predicates/slsaprovenance.ts";
import { slsaprovenance1Predicate } from "./predicates/slsaprovenance1.ts";

/** One place where a provenance names its source. */
export interface ClaimedSource {
  /** The path of the member. */
  readonly at: string;
  /** `https://host/path`, without `git+` and `.git`. */
  readonly uri: string;
  readonly ref?: string;
  readonly commit?: string;
}

/** What a provenance says, read from either version. The document's own claims: nothing is compared yet. */
export interface ProvenanceClaims {
  readonly version: "1" | "0.2";
  readonly builderId: string;
  readonly buildType: string;
  /** Every place that names the source, at least one. */
  readonly sources: readonly ClaimedSource[];
}

/** The URIs of the predicate types that are provenance. */
export const provenanceTypes: readonly string[] = [slsaprovenance1Predicate.uri, slsaprovenancePredicate.uri];

/** What a statement of provenance says. Throws `PROVENANCE_INVALID`. */
export function readProvenance(statement: Statement): ProvenanceClaims {
  const { predicateType, predicate } = statement;
  try {
    if (!isJsonObject(predicate)) throw new ScError("PROVENANCE_INVALID", "provenance: the predicate is no object");
    const document = new Decoder(predicate, "provenance");
    if (predicateType === slsaprovenance1Predicate.uri) return readVersion1(document);
    if (predicateType === slsaprovenancePredicate.uri) return readVersion02(document);
    const got = JSON.stringify(predicateType.slice(0, 200));
    throw new ScError("PROVENANCE_INVALID", `provenance: wanted ${provenanceTypes.join(" or ")}, got ${got}`);
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : "provenance: cannot be read";
    throw new ScError("PROVENANCE_INVALID", message, { cause });
  }
}

function readVersion1(document: Decoder): ProvenanceClaims {
  const definition = document.member("buildDefinition");
  const parameters = definition.member("externalParameters");
  parameters.object();
  const workflow = parameters.member("workflow");
  const source = parameters.member("source");
  const dependencies = definition.member("resolvedDependencies").optional((list) => list.array()) ?? [];
  return {
    version: "1",
    builderId: filled(document.member("runDetails").member("builder").member("id")),
    buildType: filled(definition.member("buildType")),
    sources: sourcesIn(document, [
      ...(workflow.absent ? [] : [readWorkflow(workflow)]),
      ...(source.absent ? [] : [typeof source.value === "string" ? readUri(source) : readDescriptor(source)]),
      ...firstGit(dependencies),
    ]),
  };
}

function readVersion02(document: Decoder): ProvenanceClaims {
  const invocation = document.member("invocation");
  const config = invocation.absent ? invocation : invocation.member("configSource");
  const materials = document.member("materials").optional((list) => list.array()) ?? [];
  return {
    version: "0.2",
    builderId: filled(document.member("builder").member("id")),
    buildType: filled(document.member("buildType")),
    sources: sourcesIn(document, [
      ...(config.absent || config.member("uri").absent ? [] : [readDescriptor(config)]),
      ...firstGit(materials),
    ]),
  };
}

function sourcesIn(document: Decoder, sources: readonly ClaimedSource[]): readonly ClaimedSource[] {
  if (sources.length === 0)
    throw new ScError("DECODE_FAILED", `${document.path}: it names no source that it was built from`);
  return sources;
}

// Which source was built is the first of the dependencies; the others are tools and images.
function firstGit(dependencies: readonly Decoder[]): readonly ClaimedSource[] {
  const [first] = dependencies;
  if (first === undefined || first.member("uri").absent) return [];
  return first.member("uri").string().startsWith("git+") ? [readDescriptor(first)] : [];
}

function readWorkflow(workflow: Decoder): ClaimedSource {
  const repository = readUri(workflow.member("repository"));
  const ref = workflow.member("ref").optional((present) => present.string());
  return { ...repository, at: workflow.path, ...(ref === undefined ? {} : { ref }) };
}

function readDescriptor(descriptor: Decoder): ClaimedSource {
  const digest = descriptor.member("digest").optional((present) => present.strings()) ?? {};
  const commits = ["gitCommit", "sha1"].flatMap((name) => (Object.hasOwn(digest, name) ? [digest[name] ?? ""] : []));
  const [commit, other] = commits;
  if (commit !== undefined && other !== undefined && commit !== other) {
    throw descriptor.member("digest").wrong("one commit");
  }
  return { ...readUri(descriptor.member("uri")), ...(commit === undefined ? {} : { commit }) };
}

function readUri(decoder: Decoder): ClaimedSource {
  const text = filled(decoder);
  const at = text.lastIndexOf("@");
  // The user part of an address stands before its path; a ref after it.
  if (at <= text.indexOf("/", text.indexOf("://") + 3)) return { at: decoder.path, uri: plainSourceUri(text) };
  return { at: decoder.path, uri: plainSourceUri(text.slice(0, at)), ref: text.slice(at + 1) };
}

function filled(decoder: Decoder): string {
  const text = decoder.string();
  if (text === "") throw decoder.wrong("a text that is not empty");
  return text;
}

/** A repository's address in its one form for comparing: `https://host/path`, case kept. */
export function plainSourceUri(text: string): string {
  const bare = text.replace(/^git\+/, "").replace(/\.git$/, "");
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(bare) ? bare : `https://${bare}`;
}
