import { Decoder, type Digest, parseJson, type Platform, ScError } from "@sc/model";
import { decodePlatform } from "./descriptor.ts";
import { maxConfigBytes, maxHistory, maxLayers } from "./limits.ts";

/** One step of an image's making. */
export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly author?: string;
  readonly comment?: string;
  /** The step made no layer. */
  readonly emptyLayer: boolean;
}

/** How the image is to be run, as far as anything here asks. */
export interface RunConfig {
  readonly user?: string;
  readonly exposedPorts: readonly string[];
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly volumes: readonly string[];
  readonly workingDirectory?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal?: string;
}

/**
 * An image's configuration.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md
 */
export interface ImageConfig {
  readonly platform: Platform;
  readonly created?: string;
  readonly author?: string;
  readonly run: RunConfig;
  /** The digests of the uncompressed layers, the oldest first: claims until compared. */
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
}

/** What an image's configuration says. Throws `CONFIG_TOO_LARGE`, `JSON_INVALID`, `DECODE_FAILED`. */
export function decodeImageConfig(bytes: Uint8Array, where: string): ImageConfig {
  if (bytes.length > maxConfigBytes) {
    throw new ScError(
      "CONFIG_TOO_LARGE",
      `${where}: configuration has ${bytes.length} bytes, at most ${maxConfigBytes} are read`,
    );
  }
  const document = new Decoder(parseJson(bytes, where), where);
  const rootfs = document.member("rootfs");
  const type = rootfs.member("type");
  if (type.string() !== "layers") throw type.wrong('"layers"');
  const created = text(document.member("created"));
  const author = text(document.member("author"));
  return {
    platform: decodePlatform(document),
    ...(created === undefined ? {} : { created }),
    ...(author === undefined ? {} : { author }),
    run: decodeRunConfig(document.member("config")),
    diffIds: list(rootfs.member("diff_ids"), maxLayers).map((element) => element.digest()),
    history: list(document.member("history"), maxHistory).map(decodeHistoryEntry),
  };
}

/**
 * What made each of the layers, the oldest first: the history's entries that made one. Where their number is not the
 * layers', as squashing and some builders leave it, nothing can be said and the list is empty.
 */
export function layerHistory(config: ImageConfig): readonly HistoryEntry[] {
  const making = config.history.filter((entry) => !entry.emptyLayer);
  return making.length === config.diffIds.length ? making : [];
}

function decodeHistoryEntry(decoder: Decoder): HistoryEntry {
  const created = text(decoder.member("created"));
  const createdBy = text(decoder.member("created_by"));
  const author = text(decoder.member("author"));
  const comment = text(decoder.member("comment"));
  return {
    ...(created === undefined ? {} : { created }),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(author === undefined ? {} : { author }),
    ...(comment === undefined ? {} : { comment }),
    emptyLayer: decoder.member("empty_layer").optional((present) => present.boolean()) ?? false,
  };
}

function decodeRunConfig(parent: Decoder): RunConfig {
  const decoder = parent.absent ? new Decoder({}, parent.path) : parent;
  const user = text(decoder.member("User"));
  const workingDirectory = text(decoder.member("WorkingDir"));
  const stopSignal = text(decoder.member("StopSignal"));
  return {
    ...(user === undefined ? {} : { user }),
    exposedPorts: keys(decoder.member("ExposedPorts")),
    env: strings(decoder.member("Env")),
    entrypoint: strings(decoder.member("Entrypoint")),
    command: strings(decoder.member("Cmd")),
    volumes: keys(decoder.member("Volumes")),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    labels: decoder.member("Labels").optional((present) => present.strings()) ?? {},
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}

function text(decoder: Decoder): string | undefined {
  const value = decoder.optional((present) => present.string());
  return value === "" ? undefined : value;
}

function list(decoder: Decoder, maxEntries: number): readonly Decoder[] {
  const elements = decoder.optional((present) => present.array()) ?? [];
  if (elements.length > maxEntries) throw decoder.wrong(`at most ${maxEntries} elements`);
  return elements;
}

function strings(decoder: Decoder): readonly string[] {
  return (decoder.optional((present) => present.array()) ?? []).map((element) => element.string());
}

function keys(decoder: Decoder): readonly string[] {
  return Object.keys(decoder.optional((present) => present.object()) ?? {});
}
