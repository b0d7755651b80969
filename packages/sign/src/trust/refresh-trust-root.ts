import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HttpClient, redactUrl } from "@sc/http";
import { type Call, isScError, ScError } from "@sc/model";
import { readSeed, publicGoodMirror } from "./public-good.ts";
import { decodeSigningConfig, type SigningConfig } from "./signing-config.ts";
import { decodeTrustRoot, type TrustRoot } from "./trust-root.ts";
import { createTufFetcher } from "./tuf-fetcher.ts";

/** Where a trust root is refreshed from. */
export interface RefreshTrustRootOptions extends Call {
  readonly client: HttpClient;
  /** Keeps what was seen of the mirror between refreshes: by it going back to something older is noticed. */
  readonly cacheFolder: string;
  /** Sigstore's public good when not said. */
  readonly mirrorUrl?: string;
  /** The root metadata to begin with; of the public good the embedded one, of any other mirror the caller's. */
  readonly initialRoot?: Uint8Array;
}

/** What a mirror gives out. */
export interface RefreshedTrust {
  readonly trustRoot: TrustRoot;
  /** The services to sign with, where the mirror names them. */
  readonly signingConfig?: SigningConfig;
}

// Roots are replaced a few times a year; Sigstore's own are at sixteen after five years.
const maxRootRotations = 64;
const maxTargetBytes = 1_048_576;

/**
 * The trust root that a TUF mirror gives out now. Nothing is asked unless this is called. A mirror that goes back to
 * something older, has expired, or is signed by fewer than its root demands is refused, and what was known before stays.
 * Throws `TRUST_REFRESH_FAILED`, `TRUSTED_ROOT_INVALID`, and what requests throw: `OFFLINE` above all.
 *
 * @see https://theupdateframework.github.io/specification/latest/
 */
export async function refreshTrustRoot(options: RefreshTrustRootOptions): Promise<RefreshedTrust> {
  const { cacheFolder, mirrorUrl = publicGoodMirror } = options;
  const mirror = mirrorUrl.replace(/\/+$/, "");
  const where = `trust root of ${redactUrl(mirror)}`;
  const known = join(cacheFolder, encodeURIComponent(mirror.replace(/^[a-z]+:\/\//, "")));
  await mkdir(known, { recursive: true });
  // Beside what is known: a refresh that fails, or runs at the same time as another, leaves no half of anything.
  const work = await mkdtemp(join(cacheFolder, ".refresh-"));
  try {
    await takeKnown(known, work, options);
    const targets = await fetchTargets(work, mirror, options);
    const trusted = targets["trusted_root.json"];
    if (trusted === undefined) throw new ScError("TRUST_REFRESH_FAILED", `${where}: the mirror has none`);
    const trustRoot = decodeTrustRoot(trusted, where);
    const configured = targets["signing_config.v0.2.json"];
    const signingConfig = configured === undefined ? {} : { signingConfig: decodeSigningConfig(configured, where) };
    await keep(work, known);
    return { trustRoot, ...signingConfig };
  } catch (cause) {
    if (isScError(cause)) throw cause;
    options.signal?.throwIfAborted();
    const what = cause instanceof Error ? cause.message.slice(0, 200) : "failed";
    throw new ScError("TRUST_REFRESH_FAILED", `${where}: ${what}`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function takeKnown(known: string, work: string, options: RefreshTrustRootOptions): Promise<void> {
  const names = await readdir(known);
  for (const name of names) await copyFile(join(known, name), join(work, name));
  if (names.includes("root.json")) return;
  const { mirrorUrl, initialRoot } = options;
  if (initialRoot === undefined && mirrorUrl !== undefined && mirrorUrl !== publicGoodMirror) {
    throw new ScError("TRUST_REFRESH_FAILED", `trust root of ${redactUrl(mirrorUrl)}: nothing to begin with`, {
      hint: "Give the mirror's root.json, from somewhere you trust.",
    });
  }
  await writeFile(join(work, "root.json"), initialRoot ?? (await readSeed("root.json")));
}

async function fetchTargets(
  work: string,
  mirror: string,
  { client, signal, onProgress }: RefreshTrustRootOptions,
): Promise<Readonly<Partial<Record<TargetName, Uint8Array>>>> {
  const { Updater } = await import("tuf-js");
  // oxlint-disable-next-line no-restricted-imports -- by this class alone it tells a missing file, and does not export it
  const { DownloadHTTPError } = await import("tuf-js/dist/error.js");
  const updater = new Updater({
    metadataDir: work,
    metadataBaseUrl: mirror,
    targetDir: work,
    targetBaseUrl: `${mirror}/targets`,
    fetcher: createTufFetcher(client, DownloadHTTPError, { signal, onProgress }),
    config: { maxRootRotations },
  });
  await updater.refresh();
  const found: Partial<Record<TargetName, Uint8Array>> = {};
  // Names of our own, never the mirror's: no path comes from what was fetched (CVE-2026-24137).
  for (const name of targetNames) {
    const info = await updater.getTargetInfo(name);
    if (info === undefined) continue;
    if (info.length > maxTargetBytes) throw new Error(`${name}: ${info.length} bytes; at most ${maxTargetBytes}`);
    const path = join(work, `target.${name}`);
    await updater.downloadTarget(info, path);
    found[name] = await readFile(path);
    await rm(path);
  }
  return found;
}

const targetNames = ["trusted_root.json", "signing_config.v0.2.json"] as const;
type TargetName = (typeof targetNames)[number];

async function keep(work: string, known: string): Promise<void> {
  for (const name of await readdir(work)) await rename(join(work, name), join(known, name));
}
