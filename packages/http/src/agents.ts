import type { Agent } from "node:http";
import type { SecureContext } from "node:tls";
import { ScError } from "@sc/model";
import { nodeHttp, nodeHttps, nodeTls } from "./node-http.ts";

/** Whom to trust and who to be, on TLS connections. At least TLS 1.2 is always demanded. */
export interface TlsOptions {
  /** CA certificates in PEM that are trusted besides the system's and Node's own. */
  readonly extraCa?: readonly string[];
  /** The client certificate, with its chain, in PEM. Goes with `clientKey`. */
  readonly clientCertificate?: string;
  /** The private key of the client certificate in PEM, unencrypted. */
  readonly clientKey?: string;
}

/** The proxies that requests go through; nothing is read from the environment. */
export interface ProxyOptions {
  /** The proxy of https:// requests: what is called HTTPS_PROXY elsewhere. */
  readonly https?: string;
  /** The proxy of http:// requests: what is called HTTP_PROXY elsewhere. */
  readonly http?: string;
  /** Hosts that are asked directly, separated by commas: what is called NO_PROXY elsewhere. */
  readonly noProxy?: string;
}

/** The pools of connections of one client. */
export interface Agents {
  /** The pool for a URL's scheme, made when the first request needs it, and the TLS context with it. */
  of(url: URL): Agent;
  /** Closes all connections, also those in use. */
  destroy(): void;
}

/** Creates the pools of connections. Throws `PROXY_INVALID`, `TLS_CONFIG_INVALID`. */
export function createAgents(tls: TlsOptions, proxy: ProxyOptions): Agents {
  const proxyEnv: NodeJS.ProcessEnv = {};
  if (proxy.https !== undefined && proxy.https !== "") proxyEnv["HTTPS_PROXY"] = checkProxy(proxy.https);
  if (proxy.http !== undefined && proxy.http !== "") proxyEnv["HTTP_PROXY"] = checkProxy(proxy.http);
  if (proxy.noProxy !== undefined && proxy.noProxy !== "") proxyEnv["NO_PROXY"] = proxy.noProxy;
  const pool = { keepAlive: true, scheduling: "lifo", maxFreeSockets: 32, proxyEnv } as const;
  let plain: Agent | undefined;
  let secure: Agent | undefined;
  return {
    of(url) {
      if (url.protocol === "http:") return (plain ??= new (nodeHttp().Agent)(pool));
      secure ??= new (nodeHttps().Agent)({ ...pool, secureContext: createContext(tls), minVersion: "TLSv1.2" });
      return secure;
    },
    destroy() {
      plain?.destroy();
      secure?.destroy();
    },
  };
}

// Made once and shared by all connections: parsing some hundred CA certificates takes 13 ms each time.
function createContext({ extraCa = [], clientCertificate, clientKey }: TlsOptions): SecureContext {
  const { createSecureContext, getCACertificates } = nodeTls();
  const ca = [...new Set([...getCACertificates("default"), ...getCACertificates("system"), ...extraCa])];
  try {
    return createSecureContext({
      ca,
      minVersion: "TLSv1.2",
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate }),
      ...(clientKey === undefined ? {} : { key: clientKey }),
    });
  } catch (cause) {
    throw new ScError("TLS_CONFIG_INVALID", "the configured CA, client certificate or key cannot be used", {
      cause,
      hint: "Give PEM files; the key must be unencrypted and belong to the certificate.",
    });
  }
}

function checkProxy(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.protocol === "http:" || url.protocol === "https:")) return text;
  // The value may hold a password: it is not quoted.
  throw new ScError("PROXY_INVALID", "the proxy is not an http:// or https:// URL", {
    hint: "Write the proxy as http://host:port or http://user:password@host:port.",
  });
}
