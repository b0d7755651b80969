import { isScError, ScError } from "@sc/model";
import { redactUrl } from "./redact.ts";

/** Which part of an exchange takes longest at the moment. */
export type Phase = "connect" | "send" | "headers" | "body";

const refusedCodes = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "EADDRNOTAVAIL", "EACCES"]);
const untrustedCodes = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
]);
const otherTlsCodes = new Set(["EPROTO", "HOSTNAME_MISMATCH", "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** The typed error for what a socket, the TLS library or the HTTP parser threw. Errors that are typed stay as they are. */
export function describeFailure(cause: unknown, url: URL, phase: Phase): ScError {
  if (isScError(cause)) return cause;
  const where = redactUrl(url);
  const code = errorCode(cause);
  if (code === "ERR_PROXY_TUNNEL" || code === "ERR_PROXY_INVALID_CONFIG") return proxyFailure(where, cause);
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return dnsFailure(url, cause, code);
  if (refusedCodes.has(code)) {
    return new ScError("CONNECTION_REFUSED", `${where}: no connection to ${url.host} could be made (${code})`, {
      cause,
      retryable: true,
      hint: "Check host and port, and whether a firewall or proxy stands between.",
    });
  }
  if (isTlsCode(code)) return tlsFailure(url, cause, code);
  if (code.startsWith("HPE_")) {
    return new ScError("RESPONSE_MALFORMED", `${where}: the answer is not HTTP (${code})`, {
      cause,
      hint: `Check that ${url.host} speaks ${url.protocol.slice(0, -1)} on this port.`,
    });
  }
  if (code === "ETIMEDOUT") return timeoutFailure(url, phase, cause);
  return new ScError(
    "CONNECTION_LOST",
    `${where}: the connection ended ${endedWhere[phase]} (${code || "no reason"})`,
    {
      cause,
      retryable: true,
    },
  );
}

const endedWhere: Readonly<Record<Phase, string>> = {
  connect: "while it was being made",
  send: "while the request was being sent",
  headers: "before an answer came",
  body: "in the middle of the answer",
};

const waitedFor: Readonly<Record<Phase, string>> = {
  connect: "a connection",
  send: "the server to take more of the request",
  headers: "an answer",
  body: "more of the answer",
};

/** The error for an exchange that made no progress in time. */
export function timeoutFailure(url: URL, phase: Phase, detail: unknown): ScError {
  const waited = typeof detail === "number" ? ` for ${detail} ms` : "";
  return new ScError("HTTP_TIMEOUT", `${redactUrl(url)}: waited${waited} for ${waitedFor[phase]}`, {
    ...(typeof detail === "number" ? {} : { cause: detail }),
    retryable: true,
    hint:
      phase === "connect"
        ? "Check host, port and firewall; behind a proxy set HTTPS_PROXY."
        : "Try again later, or raise the timeout.",
  });
}

function dnsFailure(url: URL, cause: unknown, code: string): ScError {
  return new ScError("DNS_FAILED", `${redactUrl(url)}: the name ${JSON.stringify(url.hostname)} does not resolve`, {
    cause,
    retryable: code === "EAI_AGAIN",
    hint: "Check the spelling of the host; where only a proxy reaches the internet, set HTTPS_PROXY.",
  });
}

function proxyFailure(where: string, cause: unknown): ScError {
  const status = typeof cause === "object" && cause !== null && "statusCode" in cause ? cause.statusCode : undefined;
  const answered = typeof status === "number" ? ` (it answered ${status})` : "";
  return new ScError("PROXY_FAILED", `${where}: the proxy opened no way there${answered}`, {
    cause,
    retryable: status === undefined || (typeof status === "number" && status >= 500),
    hint: "Check the proxy's address, user and password, or exempt the host with NO_PROXY.",
  });
}

function tlsFailure(url: URL, cause: unknown, code: string): ScError {
  return new ScError("TLS_FAILED", `${redactUrl(url)}: no trusted TLS connection to ${url.host} (${code})`, {
    cause,
    retryable: false,
    hint: tlsHint(url, code),
  });
}

function tlsHint(url: URL, code: string): string {
  if (untrustedCodes.has(code)) {
    return "If a corporate proxy or a private CA issued the certificate, give its CA certificate with --registry-ca.";
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG" || code === "EPROTO") {
    return `If ${url.host} speaks plain HTTP on purpose, allow it with --plain-http ${url.host}.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return "Use the name that stands in the server's certificate.";
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return "Renew the server's certificate, or set this machine's clock right.";
  }
  return "Check the server's certificate, its TLS version (at least 1.2) and whether it wants a client certificate.";
}

function isTlsCode(code: string): boolean {
  return (
    untrustedCodes.has(code) ||
    otherTlsCodes.has(code) ||
    code.startsWith("ERR_SSL_") ||
    code.startsWith("ERR_TLS_") ||
    code.startsWith("CERT_") ||
    code.startsWith("UNABLE_TO_")
  );
}

function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
