import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type HttpClient, redactUrl } from "@sc/http";
import { type Call, Decoder, isScError, parseJson, ScError, withoutTrailing } from "@sc/model";
import { githubMirror, readGithubTufRoot } from "./github.ts";
import { readSeed, publicGoodMirror } from "./public-good.ts";
import { decodeSigningConfig, type SigningConfig } from "./signing-config.ts";
import { decodeTrustRoot, type TrustRoot } from "./trust-root.ts";
import { createKeptFetcher, createTufFetcher, type TufFetcher, type TufStatusError } from "./tuf-fetcher.ts";

/** Where a trust root is refreshed from. */
export interface RefreshTrustRootOptions extends Call {
  readonly client: HttpClient;
  /** Keeps what was seen of the mirror between refreshes: by it going back to something older is noticed. */
  readonly cacheFolder: string;
  /** Whose authorities these are: their mirror is asked and their embedded root metadata begun with. */
  readonly instance?: TrustInstance;
  /** Another mirror than the instance's; the public good's where no instance is named either. */
  readonly mirrorUrl?: string;
  /** The root metadata to begin with; of a mirror that is of no instance the caller's. */
  readonly initialRoot?: Uint8Array;
  /** The present, against which what the mirror signed has expired or not. */
  readonly now?: Date;
  /**
   * Asks nothing: takes what an earlier refresh has kept, whose signatures are verified again, while none of it has
   * expired. The mirror itself says until when: Sigstore's for a few days.
   */
  readonly keptOnly?: boolean;
}

/** An instance of Sigstore whose root metadata is embedded: the public good's, and GitHub's own. */
export type TrustInstance = "public-good" | "github";

const instances = {
  "public-good": { mirror: publicGoodMirror, readRoot: async () => await readSeed("root.json") },
  github: { mirror: githubMirror, readRoot: readGithubTufRoot },
} as const;

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
 * What is kept is good without asking until the first of its signed files expires, and no longer.
 * Throws `TRUST_REFRESH_FAILED`, `TRUSTED_ROOT_INVALID`, and what requests throw: `OFFLINE` above all.
 *
 * @see https://theupdateframework.github.io/specification/latest/
 */
export async function refreshTrustRoot(options: RefreshTrustRootOptions): Promise<RefreshedTrust> {
  const { cacheFolder, instance = "public-good", now = new Date(), keptOnly = false } = options;
  const { mirrorUrl = instances[instance].mirror } = options;
  const mirror = withoutTrailing(mirrorUrl, "/");
  const where = `trust root of ${redactUrl(mirror)}`;
  const known = join(cacheFolder, encodeURIComponent(mirror.replace(/^[a-z]+:\/\//, "")));
  await mkdir(known, { recursive: true });
  // Beside what is known: a refresh that fails, or runs at the same time as another, leaves no half of anything.
  const work = await mkdtemp(join(cacheFolder, ".refresh-"));
  try {
    await takeKnown(known, work, options);
    const files = keptOnly
      ? await openKept(known, where)
      : createTufFetcher(options.client, await importStatusError(), options);
    const targets = await fetchTargets(work, mirror, files);
    await checkExpiry(work, now, where);
    const trusted = targets["trusted_root.json"];
    if (trusted === undefined) throw new ScError("TRUST_REFRESH_FAILED", `${where}: the mirror has none`);
    const trustRoot = decodeTrustRoot(trusted, where);
    const configured = targets["signing_config.v0.2.json"];
    const signingConfig = configured === undefined ? {} : { signingConfig: decodeSigningConfig(configured, where) };
    if (!keptOnly) await keep(work, known);
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
  await writeFile(join(work, "root.json"), options.initialRoot ?? (await readEmbeddedRoot(options)));
}

async function readEmbeddedRoot({ instance, mirrorUrl }: RefreshTrustRootOptions): Promise<Uint8Array> {
  const ofMirror = Object.values(instances).find(({ mirror }) => mirror === mirrorUrl);
  const known = ofMirror ?? (mirrorUrl === undefined ? instances["public-good"] : undefined);
  const begun = instance === undefined ? known : instances[instance];
  if (begun !== undefined) return await begun.readRoot();
  throw new ScError("TRUST_REFRESH_FAILED", `trust root of ${redactUrl(mirrorUrl ?? "")}: nothing to begin with`, {
    hint: "Give the mirror's root.json, from somewhere you trust.",
  });
}

async function importStatusError(): Promise<TufStatusError> {
  // oxlint-disable-next-line no-restricted-imports -- by this class alone it tells a missing file, and does not export it
  return (await import("tuf-js/dist/error.js")).DownloadHTTPError;
}

async function openKept(known: string, where: string): Promise<TufFetcher> {
  const names = await readdir(known);
  if (keptNames.every((name) => names.includes(name))) return createKeptFetcher(known, await importStatusError());
  throw new ScError("TRUST_REFRESH_FAILED", `${where}: nothing is kept of it, and nothing may be asked`, {
    hint: "Refresh it once where there is a network, or give --trusted-root FILE.",
  });
}

// The library compares with the machine's clock, which the caller may know better.
async function checkExpiry(work: string, now: Date, where: string): Promise<void> {
  for (const role of ["root", "timestamp", "snapshot", "targets"]) {
    const document = new Decoder(parseJson(await readFile(join(work, `${role}.json`)), role), role);
    const expires = document.member("signed").member("expires").string();
    // What is no date is over: no comparison with it holds.
    if (now.getTime() < Date.parse(expires)) continue;
    throw new ScError(
      "TRUST_REFRESH_FAILED",
      `${where}: its ${role} expired at ${JSON.stringify(expires.slice(0, 40))}`,
      {
        hint: "Refresh it where there is a network, or give --trusted-root FILE.",
      },
    );
  }
}

async function fetchTargets(
  work: string,
  mirror: string,
  fetcher: TufFetcher,
): Promise<Readonly<Partial<Record<TargetName, Uint8Array>>>> {
  const { Updater } = await import("tuf-js");
  const updater = new Updater({
    metadataDir: work,
    metadataBaseUrl: mirror,
    targetDir: work,
    targetBaseUrl: `${mirror}/targets`,
    fetcher,
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
  }
  return found;
}

const targetNames = ["trusted_root.json", "signing_config.v0.2.json"] as const;
const keptNames = ["root.json", "timestamp.json", "snapshot.json", "targets.json", "target.trusted_root.json"] as const;
type TargetName = (typeof targetNames)[number];

async function keep(work: string, known: string): Promise<void> {
  for (const name of await readdir(work)) await rename(join(work, name), join(known, name));
}
