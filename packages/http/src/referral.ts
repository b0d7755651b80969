import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { ScError } from "@sc/model";
import { redactUrl } from "./redact.ts";

// Nothing that a server on the network names may lead there: cloud metadata services live on these addresses.
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addAddress("fd00:ec2::254", "ipv6");
linkLocal.addAddress("100.100.100.200", "ipv4");
linkLocal.addAddress("192.0.0.192", "ipv4");

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addSubnet("0.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");
loopback.addAddress("::", "ipv6");

/** Whether a URL's host name or address literal means this machine itself. */
export function isLoopbackHost(hostname: string): boolean {
  const host = bareHost(hostname);
  const family = isIP(host);
  if (family === 0) return host === "localhost" || host.endsWith(".localhost");
  return loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** What may not be done with an address that a server named. */
export interface ReferralOptions {
  /** What kind of reference it is, for the error: "redirect", "token realm", "upload location". */
  readonly what: string;
}

/**
 * Checks an address that a server named (a redirect, a token realm, an upload location) against who named it: it must
 * be HTTP without user and password, not less encrypted than its source, not link-local, and not this machine unless
 * the source is this machine.
 *
 * Returns the URL, resolved. Throws `REDIRECT_REFUSED`. Names that resolve to such addresses are caught later, when
 * the request is made with `namedBy`.
 */
export function resolveReferral(target: string, source: URL, { what }: ReferralOptions): URL {
  const refused = (why: string): ScError =>
    new ScError("REDIRECT_REFUSED", `${redactUrl(source)}: the ${what} ${redactUrl(target)} is not followed: ${why}`, {
      hint: "If the server is yours, let it name an address of its own scheme and network.",
    });
  if (!URL.canParse(target, source.href)) throw refused("it is not a URL");
  const url = new URL(target, source.href);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("it is neither https nor http");
  if (url.protocol === "http:" && source.protocol === "https:") throw refused("it leads from https to plain http");
  if (url.username !== "" || url.password !== "") throw refused("it carries a user name");
  if (url.origin === source.origin) return url;
  const why = whyForbidden(bareHost(url.hostname), isLoopbackHost(source.hostname));
  if (why !== undefined) throw refused(why);
  return url;
}

/**
 * A name lookup that fails when a name, given by `source`, leads to an address that it may not name. `resolve` is the
 * system's own lookup unless another is given.
 */
export function guardedLookup(source: URL, resolve: LookupFunction = lookup): LookupFunction {
  const fromLoopback = isLoopbackHost(source.hostname);
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, address, family) => {
      if (error !== null) return callback(error, address, family);
      const addresses = typeof address === "string" ? [address] : address.map((one) => one.address);
      for (const one of addresses) {
        const why = whyForbidden(one, fromLoopback);
        if (why === undefined) continue;
        const refusal = new ScError(
          "REDIRECT_REFUSED",
          `${redactUrl(source)}: the host ${JSON.stringify(hostname)} it names is not asked: ${why}`,
        );
        return callback(refusal, address, family);
      }
      return callback(null, address, family);
    });
  };
}

function whyForbidden(host: string, fromLoopback: boolean): string | undefined {
  const family = isIP(host);
  if (family !== 0 && linkLocal.check(host, family === 4 ? "ipv4" : "ipv6")) return "it is a link-local address";
  if (!fromLoopback && isLoopbackHost(host)) return "it is this machine itself";
  return undefined;
}

function bareHost(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname.toLowerCase();
}
