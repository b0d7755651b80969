import { X509Certificate } from "@sigstore/core";
import type { CertificateIdentity } from "./certificate.ts";
import { readParsedIdentity } from "./parsed-certificate.ts";

/**
 * The identity in a signing certificate, after checking that it is one: for code signing, no authority, nothing
 * critical that is not understood, one name, one issuer. Its chain is not looked at here. Throws `CERTIFICATE_INVALID`.
 */
export function readCertificateIdentity(der: Uint8Array, where: string): CertificateIdentity {
  return readParsedIdentity(X509Certificate.parse(Buffer.from(der)), der, where);
}
