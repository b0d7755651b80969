import { Decoder, ScError } from "@sc/model";
import { parseStrictJson } from "../strict-json.ts";

/** One service that a signing configuration names. */
export interface ConfiguredEndpoint {
  readonly url: string;
  readonly majorApiVersion: number;
  /** Milliseconds since 1970, both ends inclusive. */
  readonly start: number;
  readonly end: number | undefined;
  /** Who runs it: of several services by one operator only one is chosen. */
  readonly operator: string;
}

/** How many of the services of one kind are used. */
export interface ServiceSelection {
  readonly selector: "ALL" | "ANY" | "EXACT";
  /** How many, where `EXACT`. */
  readonly count: number;
}

/** The services that a Sigstore deployment offers to signers. */
export interface SigningConfig {
  /** Where it came from, for people. */
  readonly description: string;
  readonly authorities: readonly ConfiguredEndpoint[];
  readonly logs: readonly ConfiguredEndpoint[];
  readonly logSelection: ServiceSelection;
  readonly timestampers: readonly ConfiguredEndpoint[];
  readonly timestampSelection: ServiceSelection;
}

/** The services to sign with now. */
export interface SigningServices {
  readonly fulcioUrl: string;
  readonly logs: readonly { readonly url: string; readonly version: 1 | 2 }[];
  /** Full addresses, as RFC 3161 requests are sent to. */
  readonly timestampUrls: readonly string[];
}

const mediaType = "application/vnd.dev.sigstore.signingconfig.v0.2+json";
const maxServices = 64;

/**
 * The signing configuration that a `signing_config.v0.2.json` is. Throws `SIGNING_CONFIG_INVALID`.
 *
 * @see https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto
 */
export function decodeSigningConfig(bytes: Uint8Array, description: string): SigningConfig {
  try {
    const document = new Decoder(parseStrictJson(bytes, description), description);
    const type = document.member("mediaType");
    if (type.string() !== mediaType) throw type.wrong(`a signing configuration of version 0.2, ${mediaType}`);
    return {
      description,
      authorities: readServices(document.member("caUrls")),
      logs: readServices(document.member("rekorTlogUrls")),
      logSelection: readSelection(document.member("rekorTlogConfig")),
      timestampers: readServices(document.member("tsaUrls")),
      timestampSelection: readSelection(document.member("tsaConfig")),
    };
  } catch (cause) {
    const message = cause instanceof ScError ? cause.message : `${description}: cannot be read`;
    throw new ScError("SIGNING_CONFIG_INVALID", message, { cause });
  }
}

function readServices(list: Decoder): readonly ConfiguredEndpoint[] {
  const services = list.absent ? [] : list.array();
  if (services.length > maxServices) throw list.wrong(`at most ${maxServices} services`);
  return services.map((service) => {
    const validFor = service.member("validFor");
    return {
      url: readUrl(service.member("url")),
      majorApiVersion: service.member("majorApiVersion").count(),
      start: readDate(validFor.member("start")),
      end: validFor.member("end").optional(readDate),
      operator: service.member("operator").string(),
    };
  });
}

function readUrl(at: Decoder): string {
  const text = at.string();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol))
    throw at.wrong("an http:// or https:// address");
  return text;
}

function readDate(at: Decoder): number {
  const time = Date.parse(at.string());
  if (Number.isNaN(time)) throw at.wrong("a date");
  return time;
}

function readSelection(config: Decoder): ServiceSelection {
  if (config.absent) return { selector: "ANY", count: 1 };
  const selector = config.member("selector");
  const name = selector.string();
  if (name === "ALL" || name === "ANY") return { selector: name, count: 1 };
  if (name !== "EXACT") throw selector.wrong('"ALL", "ANY" or "EXACT"');
  const count = config.member("count").count();
  if (count < 1) throw config.member("count").wrong("at least 1");
  return { selector: name, count };
}

/** What the signer can speak to, and when. */
export interface SelectServicesOptions {
  /** The present. */
  readonly now?: Date;
  /** The interfaces of logs that are acceptable; both when not said. Version 2 cannot be carried by cosign's tags. */
  readonly logVersions?: readonly (1 | 2)[];
}

/**
 * Chooses the services of a configuration: of each kind the highest version of the interface that is spoken here, valid
 * now, the newest first, at most one of each operator, and as many as the configuration wants. Throws
 * `SIGNING_CONFIG_INVALID` when there are fewer than it wants.
 */
export function selectServices(config: SigningConfig, options: SelectServicesOptions = {}): SigningServices {
  const { now = new Date() } = options;
  const [authority] = newestOf(config.authorities, { versions: [1], at: now.getTime() });
  if (authority === undefined) throw none(config.description, "certificate authority");
  return { fulcioUrl: authority.url, ...selectWitnesses(config, options) };
}

/** The services of a configuration that a signature is shown to, by the same rules: all that one by key needs. */
export function selectWitnesses(
  config: SigningConfig,
  options: SelectServicesOptions = {},
): Pick<SigningServices, "logs" | "timestampUrls"> {
  const { now = new Date(), logVersions = [1, 2] } = options;
  const { description } = config;
  const at = now.getTime();
  const logs = chosen(newestOf(config.logs, { versions: logVersions, at }), config.logSelection, {
    description,
    what: "transparency log",
  });
  const timestampers = chosen(newestOf(config.timestampers, { versions: [1], at }), config.timestampSelection, {
    description,
    what: "timestamp authority",
  });
  return {
    logs: logs.map(({ url, majorApiVersion }) => ({ url, version: majorApiVersion === 2 ? 2 : 1 })),
    timestampUrls: timestampers.map(({ url }) => url),
  };
}

// The services of the highest version that has any, one of each operator, the newest first.
function newestOf(
  services: readonly ConfiguredEndpoint[],
  { versions, at }: { readonly versions: readonly number[]; readonly at: number },
): readonly ConfiguredEndpoint[] {
  const valid = services.filter(
    ({ start, end, majorApiVersion }) =>
      versions.includes(majorApiVersion) && start <= at && (end === undefined || at <= end),
  );
  const highest = Math.max(...valid.map(({ majorApiVersion }) => majorApiVersion));
  const newest = valid
    .filter(({ majorApiVersion }) => majorApiVersion === highest)
    .toSorted((left, right) => right.start - left.start);
  return newest.filter(({ operator }, index) => newest.findIndex((one) => one.operator === operator) === index);
}

// A kind that the configuration lists nothing of is not used there: GitHub's own instance has no log.
function chosen(
  services: readonly ConfiguredEndpoint[],
  { selector, count }: ServiceSelection,
  { description, what }: { readonly description: string; readonly what: string },
): readonly ConfiguredEndpoint[] {
  if (selector === "ALL") return services;
  if (selector === "ANY") return services.slice(0, 1);
  if (services.length < count) throw none(description, what, `${count} by different operators`);
  return services.slice(0, count);
}

function none(description: string, what: string, wanted = "one"): ScError {
  return new ScError("SIGNING_CONFIG_INVALID", `${description}: names no ${what} that is valid now; wanted ${wanted}`, {
    hint: "Use a signing configuration that is in force, or name the services themselves.",
  });
}
