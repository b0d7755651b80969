import { Decoder, type Digest, digestAlgorithm, digestHex, type JsonObject, ScError } from "@sc/model";
import { encodeEnvelope, type Envelope } from "./envelope.ts";
import { signLimits } from "./limits.ts";
import { parseStrictJson } from "./strict-json.ts";

/** The media type of a statement inside an envelope. */
export const statementMediaType = "application/vnd.in-toto+json";

const statementTypes: ReadonlySet<string> = new Set([
  "https://in-toto.io/Statement/v1",
  "https://in-toto.io/Statement/v0.1",
]);

/** What a statement is about. */
export interface StatementSubject {
  readonly name?: string;
  /** Hexadecimal digests by algorithm, as the statement writes them. */
  readonly digest: Readonly<Record<string, string>>;
  readonly annotations?: JsonObject;
}

/**
 * An in-toto statement, version 1 or 0.1.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
 */
export interface Statement {
  readonly type: string;
  readonly subjects: readonly StatementSubject[];
  readonly predicateType: string;
  /** An object, or for tag-value SPDX its text. */
  readonly predicate: JsonObject | string;
}

/** What a new statement says. */
export interface StatementContent {
  readonly subject: Digest;
  /** The repository of the image, without a tag. */
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly predicateType: string;
  readonly predicate: JsonObject | string;
}

/** A statement of version 1 about one image: what `decodeStatement` makes of `encodeStatement`'s bytes. */
export function statementOf({ subject, name, annotations, predicateType, predicate }: StatementContent): Statement {
  const about = {
    ...(name === undefined ? {} : { name }),
    digest: { [digestAlgorithm(subject)]: digestHex(subject) },
    ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return { type: "https://in-toto.io/Statement/v1", subjects: [about], predicateType, predicate };
}

/** The bytes of a statement of version 1 about one image. */
export function encodeStatement(content: StatementContent): Uint8Array {
  const { type, subjects, predicateType, predicate } = statementOf(content);
  return new TextEncoder().encode(JSON.stringify({ _type: type, subject: subjects, predicateType, predicate }));
}

/** The envelope of a signed statement as it stands under a tag. */
export function encodeTagEnvelope({ payload, signature }: Pick<Envelope, "payload" | "signature">): Uint8Array {
  const envelope = { payloadType: statementMediaType, payload, signature, keyId: "" };
  return new TextEncoder().encode(JSON.stringify(encodeEnvelope(envelope)));
}

/** The statement that bytes are. Throws `STATEMENT_INVALID` for whatever is not exactly one. */
export function decodeStatement(bytes: Uint8Array, where: string): Statement {
  try {
    const document = new Decoder(parseStrictJson(bytes, where), where);
    const type = document.member("_type").string();
    if (!statementTypes.has(type)) throw document.member("_type").wrong("a statement of version 0.1 or 1");
    const subjects = document.member("subject").array();
    if (subjects.length === 0) throw document.member("subject").wrong("at least one subject");
    if (subjects.length > signLimits.maxSubjects) {
      throw new ScError(
        "STATEMENT_INVALID",
        `${where}: ${subjects.length} subjects; at most ${signLimits.maxSubjects}`,
      );
    }
    return {
      type,
      subjects: subjects.map(decodeSubject),
      predicateType: nonEmpty(document.member("predicateType")),
      predicate: decodePredicate(document.member("predicate")),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : where;
    throw new ScError("STATEMENT_INVALID", message, { cause });
  }
}

function decodePredicate(predicate: Decoder): JsonObject | string {
  if (predicate.absent) return {};
  return typeof predicate.value === "string" ? predicate.value : predicate.object();
}

function nonEmpty(decoder: Decoder): string {
  const text = decoder.string();
  if (text === "") throw decoder.wrong("a text that is not empty");
  return text;
}

function decodeSubject(subject: Decoder): StatementSubject {
  const digest = subject.member("digest").strings();
  if (Object.keys(digest).length === 0) throw subject.member("digest").wrong("at least one digest");
  const name = subject.member("name").optional((present) => present.string());
  const annotations = subject.member("annotations").optional((present) => present.object());
  return {
    ...(name === undefined ? {} : { name }),
    digest,
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/**
 * The subject of a statement that is this content. Throws `SUBJECT_MISMATCH`.
 *
 * Only the algorithm of the wanted digest is compared, in lower case and full length: another, weaker digest of the
 * same subject proves nothing.
 */
export function findSubject(statement: Statement, wanted: Digest, where: string): StatementSubject {
  return findNamedSubject(statement, { algorithm: digestAlgorithm(wanted), value: digestHex(wanted) }, where);
}

/** A digest by an algorithm that nothing here computes, or any other, as statements write it. */
export interface NamedDigest {
  readonly algorithm: string;
  readonly value: string;
}

/** The subject of a statement that has this digest, compared exactly. Throws `SUBJECT_MISMATCH`. */
export function findNamedSubject(
  statement: Statement,
  { algorithm, value }: NamedDigest,
  where: string,
): StatementSubject {
  const found = statement.subjects.find(
    ({ digest }) => Object.hasOwn(digest, algorithm) && digest[algorithm] === value,
  );
  if (found !== undefined) return found;
  const first = statement.subjects[0];
  const signed = Object.entries(first?.digest ?? {}).map((named) => named.join(":"));
  throw new ScError("SUBJECT_MISMATCH", `${where}: is for another image`, {
    facts: {
      image: `${algorithm}:${value}`.slice(0, 200),
      signed: JSON.stringify(
        [first?.name, ...signed]
          .filter((part) => part !== undefined)
          .join(" ")
          .slice(0, 300),
      ),
    },
  });
}
