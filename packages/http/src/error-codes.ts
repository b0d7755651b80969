import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/http` throws. */
export const httpErrorCodes: ErrorCodes = {
  BODY_TOO_LARGE: {
    exit: 4,
    summary: "A server's answer is larger than what is read of such an answer.",
    hint: "Check that the address is the right one; no honest answer is this large.",
  },
  CLIENT_CLOSED: {
    exit: 4,
    summary: "A request was made with, or was under way on, a client that has been closed.",
    hint: "Report it with the command and its output under -v: no command should do this.",
  },
  CONNECTION_LOST: {
    exit: 4,
    summary: "The connection ended before the whole answer arrived.",
    retryable: true,
    hint: "Try again; if it stays so, look at the network or proxy between here and the server. A registry of this machine that speaks TLS is named with --tls HOST.",
  },
  CONNECTION_REFUSED: {
    exit: 4,
    summary: "No connection to the server could be made.",
    retryable: true,
    hint: "Check that the host and port are right and that the server runs.",
  },
  CONTENT_ENCODING_REFUSED: {
    exit: 4,
    summary: "A server compressed an answer that was asked for uncompressed.",
    hint: "Have the server, or the proxy before it, send answers as they are.",
  },
  DNS_FAILED: {
    exit: 4,
    summary: "The server's name could not be resolved.",
    retryable: true,
    hint: "Check the host's name and this machine's name servers.",
  },
  HTTP_TIMEOUT: {
    exit: 4,
    summary: "The server did not connect, answer or go on in time.",
    hint: "Try again; where the network is slow, give a longer --timeout.",
    retryable: true,
  },
  OFFLINE: {
    exit: 4,
    summary: "A request was needed although everything must stay offline.",
    hint: "Leave --offline out, or provide what is needed locally.",
  },
  PROXY_FAILED: {
    exit: 4,
    summary: "The proxy did not open a way to the server.",
    hint: "Check HTTPS_PROXY and its credentials, or name the host in NO_PROXY.",
    retryable: true,
  },
  PROXY_INVALID: {
    exit: 3,
    summary: "The configured proxy is not an http:// or https:// URL.",
    hint: "Write HTTPS_PROXY as http://HOST:PORT or https://HOST:PORT.",
  },
  REDIRECT_REFUSED: {
    exit: 4,
    summary: "A server named an address that must not be followed: unencrypted, internal to this machine or malformed.",
    hint: "Ask who runs the server; name the place it points to yourself where it is meant.",
  },
  RESPONSE_MALFORMED: {
    exit: 4,
    summary: "What the server sent is not HTTP.",
    hint: "Check that the host and port are those of an HTTP server.",
  },
  TLS_CONFIG_INVALID: {
    exit: 3,
    summary: "A configured CA, client certificate or key cannot be used.",
    hint: "Check that the files are PEM, and that certificate and key belong together.",
  },
  TLS_FAILED: {
    exit: 4,
    summary: "No trusted TLS connection to the server could be made.",
    hint: "Trust a private authority with --registry-ca FILE or SSL_CERT_FILE; check host name and clock.",
  },
  TOO_MANY_REDIRECTS: {
    exit: 4,
    summary: "A server redirected more often than is followed.",
    hint: "Ask the server's owner to end the redirects, or name the final address.",
  },
  URL_INVALID: {
    exit: 3,
    summary: "An address is not a plain http:// or https:// URL.",
    hint: "Write the address as https://HOST/PATH.",
  },
};
