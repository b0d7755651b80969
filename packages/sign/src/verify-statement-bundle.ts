import { ScError } from "@sc/model";
import type { DecodedBundle } from "./bundle.ts";
import { preAuthEncoding } from "./envelope.ts";
import type { SignatureFacts } from "./signature-facts.ts";
import { decodeStatement, type Statement, statementMediaType } from "./statement.ts";
import type { WantedContent } from "./verify-candidate.ts";
import { verifySigned } from "./verify-signed.ts";

/** The statement in a bundle whose signature holds; what it says is the caller's part. */
export function verifyStatementBundle(
  { bundle }: DecodedBundle,
  { policy, expected }: Pick<WantedContent, "policy" | "expected">,
  where: string,
): { readonly facts: SignatureFacts; readonly statement: Statement; readonly payload: Uint8Array } {
  if (bundle.content.$case !== "dsseEnvelope") {
    throw new ScError("BUNDLE_INVALID", `${where}: wanted an envelope, got a message signature`);
  }
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  const facts = verifySigned({ bundle, payload, signedBytes: preAuthEncoding(payloadType, payload) }, policy, where);
  const isExpected = expected !== undefined && payloadType === statementMediaType && payload.equals(expected.payload);
  return { facts, statement: isExpected ? expected.statement : statementIn({ payload, payloadType }, where), payload };
}

/** The statement that an envelope holds. Throws `STATEMENT_INVALID` for whatever else it holds. */
export function statementIn(
  { payload, payloadType }: { readonly payload: Uint8Array; readonly payloadType: string },
  where: string,
): Statement {
  if (payloadType === statementMediaType) return decodeStatement(payload, where);
  const got = JSON.stringify(payloadType.slice(0, 100));
  throw new ScError("STATEMENT_INVALID", `${where}: wanted a payload of type ${statementMediaType}, got ${got}`);
}
