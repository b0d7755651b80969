import { X509Certificate as NodeCertificate } from "node:crypto";
import type { X509Certificate } from "@sigstore/core";
import { ScError } from "@sc/model";
import { type CertificateClaim, certificateClaims, type CertificateIdentity, claimNames } from "./certificate.ts";

const fulcio = "1.3.6.1.4.1.57264.1.";
// RFC 5280, 4.2.1.6: the number of a URI among the kinds of names.
const uriTag = 6;
const codeSigning = "1.3.6.1.5.5.7.3.3";
const understood: ReadonlySet<string> = new Set(["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"]);

/**
 * The identity in a signing certificate, after checking that it is one: for code signing, no authority, nothing
 * critical that is not understood, one name, one issuer. Its chain is not looked at here. `der`
 * is the same certificate as bytes. Throws `CERTIFICATE_INVALID`.
 */
export function readParsedIdentity(certificate: X509Certificate, der: Uint8Array, where: string): CertificateIdentity {
  const node = new NodeCertificate(der);
  // OpenSSL says "no authority" of one whose key usage lacks the signing of certificates; the flag alone is enough here.
  if (node.ca || certificate.extBasicConstraints?.isCA === true)
    throw invalid(where, "is an authority's, not a signer's");
  if (!(node.keyUsage ?? []).includes(codeSigning)) throw invalid(where, "is not for code signing");
  for (const extension of certificate.extensions) {
    const oid = extension.subs[0]?.toOID() ?? "";
    const critical = extension.subs.length === 3 && extension.subs[1]?.toBoolean() === true;
    if (critical && !understood.has(oid)) throw invalid(where, `has the critical extension ${oid}`);
  }
  return {
    subject: readSubject(certificate, where),
    issuer: readIssuer(certificate, where),
    claims: readClaims(certificate),
  };
}

function readSubject(certificate: X509Certificate, where: string): string {
  const names = certificate.extSubjectAltName?.valueObj.subs[0]?.subs ?? [];
  const subject = certificate.subjectAltName;
  if (names.length !== 1 || subject === undefined || subject === "") {
    throw invalid(where, `wanted one subject alternative name, got ${names.length}`);
  }
  // One kind of name must not pass for the other: an address has no scheme, a URI has one.
  const isUri = names[0]?.tag.number === uriTag;
  if (isUri !== /^[a-z][a-z\d+.-]*:/i.test(subject)) throw invalid(where, "has a name that is not of the kind it says");
  return subject;
}

function readIssuer(certificate: X509Certificate, where: string): string {
  const older = readText(certificate, 1);
  const newer = readText(certificate, 8);
  if (older !== undefined && newer !== undefined && older !== newer) {
    throw invalid(where, "names two identity providers");
  }
  const issuer = newer ?? older;
  if (issuer === undefined || issuer === "") throw invalid(where, "names no identity provider");
  return issuer;
}

function readClaims(certificate: X509Certificate): Partial<Record<CertificateClaim, string>> {
  const claims: Partial<Record<CertificateClaim, string>> = {};
  for (const claim of claimNames()) {
    const text = readText(certificate, certificateClaims[claim]);
    if (text !== undefined) claims[claim] = text;
  }
  return claims;
}

// Up to number 6 the values are the texts themselves, from number 8 on DER UTF8Strings.
function readText(certificate: X509Certificate, number: number): string | undefined {
  const extension = certificate.extension(`${fulcio}${number}`);
  return (number <= 6 ? extension : extension?.valueObj.subs[0])?.value.toString("utf8");
}

function invalid(where: string, what: string): ScError {
  return new ScError("CERTIFICATE_INVALID", `${where}: the signing certificate ${what}`);
}
