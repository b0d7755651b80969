import { Buffer } from "node:buffer";
import { hasCode, isScError, ScError } from "@sc/model";
import {
  ageOf,
  type DatabaseAge,
  databaseStatus,
  type DatabaseFacts,
  type DatabaseOrigin,
  type DatabaseSource,
  expired,
  installDatabase,
  type InstallDatabaseOptions,
  openDatabaseFolder,
  openDatabaseMirror,
  openExportFile,
  packDatabase,
  readSignable,
  type SignedIndex,
  writeDatabaseFolder,
  writeExportFile,
  writeOrigin,
} from "@sc/scan";
import { signBlob, type Signer, type SignerPolicy, verifyBlob, type VerifiedSigner } from "@sc/sign";
import { stat } from "node:fs/promises";
import { type PipelineCall, withConnection } from "./connect.ts";
import { openDatabaseArtifact, pushArtifact } from "./database-artifact.ts";
import { runStage } from "./stage.ts";

/** How a database is fetched: from whom it must be, and what of it is wanted. */
export interface FetchDatabaseOptions extends PipelineCall, Omit<InstallDatabaseOptions, "output"> {
  /** The folder that becomes the database. */
  readonly output: string;
  /** Whose signature counts. There is no way to fetch a database that nobody signed. */
  readonly policy: SignerPolicy;
  /** The present. */
  readonly now: Date;
}

/** What fetching a database came to. */
export interface FetchedDatabase {
  /** `stale`: nothing could be fetched, and the database that is here is young enough to go on with. */
  readonly state: "updated" | "current" | "stale";
  readonly facts: DatabaseFacts;
  readonly age: DatabaseAge;
  /** Where it was fetched from; absent when nothing was. */
  readonly from?: string;
  /** By whom it is signed. */
  readonly signer?: VerifiedSigner;
  /** Ecosystems whose files were fetched, and those whose files were here already. */
  readonly fetched: readonly string[];
  readonly kept: readonly string[];
  /** What went wrong at the places that were asked before. */
  readonly failures: readonly { readonly from: string; readonly code: string; readonly message: string }[];
}

/** How a database is kept up to date. */
export interface UpdateDatabaseOptions extends FetchDatabaseOptions {
  /** The addresses of mirrors, in the order they are asked. */
  readonly mirrors: readonly string[];
  /** How old the database that is here may be when no mirror gives one; five days when not said. */
  readonly maxAgeMilliseconds?: number | undefined;
}

/**
 * Brings a database up to date from the first mirror that gives one with an accepted signature.
 *
 * When none does, the database that is here is gone on with while it is young enough, and the failures are told. A
 * signature that is not accepted is never got over in that way. Throws
 * the refusal of the signature, `DATABASE_UNSIGNED`, `DATABASE_EXPIRED`, and what `installDatabase` throws.
 */
export async function updateDatabase(options: UpdateDatabaseOptions): Promise<FetchedDatabase> {
  const { mirrors, output, now, maxAgeMilliseconds, onProgress } = options;
  return await withConnection(options, async ({ client }) => {
    const sources = await Promise.all(mirrors.map(async (mirror) => await openDatabaseMirror(mirror, client)));
    const failures: { readonly from: string; readonly error: ScError }[] = [];
    for (const source of sources) {
      try {
        const fetched = await fetchFrom(source, options);
        return { ...fetched, failures: failures.map(describeFailure) };
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!isScError(error) || !isMirrorsFault(error)) throw error;
        failures.push({ from: source.name, error });
        const message = `${source.name}: ${error.message}`;
        onProgress?.({ type: "notice", level: "warning", code: "MIRROR_FAILED", message });
      }
    }
    const refused = failures.find(({ error }) => !isUnreachable(error)) ?? failures[0];
    if (refused === undefined) throw new ScError("DATABASE_NO_SOURCE", "no mirror is named to fetch a database from");
    if (!failures.every(({ error }) => isUnreachable(error))) throw refused.error;
    const facts = await databaseStatus(output).catch((error: unknown) => {
      throw hasCode(error, "DATABASE_MISSING") ? refused.error : error;
    });
    const age = ageOf(facts, { now, maxAgeMilliseconds });
    if (age.expired) throw expired(facts, refused.error);
    return { state: "stale", facts, age, fetched: [], kept: [], failures: failures.map(describeFailure) };
  });
}

/** Fetches a database that `pushDatabase` has stored in a registry or layout. Throws as `fetchDatabase` does. */
export async function pullDatabase(reference: string, options: FetchDatabaseOptions): Promise<FetchedDatabase> {
  return await withConnection(options, async (connection) => {
    await using source = await openDatabaseArtifact(reference, connection, options);
    return await fetchFrom(source, options);
  });
}

/** Takes a database over from a file that `exportDatabase` wrote, or from a folder of its files. Opens no socket. */
export async function importDatabase(path: string, options: FetchDatabaseOptions): Promise<FetchedDatabase> {
  await using source = (await isFolder(path)) ? openDatabaseFolder(path) : await openExportFile(path);
  return await fetchFrom(source, options);
}

async function isFolder(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isDirectory() === true;
}

/** How a database is given on. */
export interface GiveDatabaseOptions extends PipelineCall {
  /** Signs it; without one the signature that it came with is given on. */
  readonly signer?: Signer | undefined;
}

/** What was given on. */
export interface GivenDatabase {
  readonly facts: DatabaseFacts;
  readonly files: number;
  readonly sizeBytes: number;
}

/**
 * Writes a signed database into one file, to be carried to where there is no network; or, where a folder is named, as
 * the files that any web server can offer as a mirror. Throws `DATABASE_UNSIGNED`,
 * `DATABASE_MISSING`, and what packing, signing and writing throw.
 */
export async function exportDatabase(
  path: string,
  file: string,
  options: GiveDatabaseOptions = {},
): Promise<GivenDatabase> {
  return await give(path, options, async (files) => {
    if (await isFolder(file)) await writeDatabaseFolder(file, files);
    else await writeExportFile(file, files);
  });
}

/** Stores a signed database in a registry or layout. Throws as `exportDatabase` does, and what the registry throws. */
export async function pushDatabase(
  path: string,
  reference: string,
  options: GiveDatabaseOptions = {},
): Promise<GivenDatabase & { readonly name: string; readonly digest: string }> {
  return await withConnection(options, async (connection) => {
    let pushed: { readonly name: string; readonly digest: string } | undefined;
    const given = await give(path, options, async (files) => {
      pushed = await pushArtifact(reference, files, { ...options, connection });
    });
    return { ...given, name: pushed?.name ?? reference, digest: pushed?.digest ?? "" };
  });
}

async function give(
  path: string,
  { signer, signal, onProgress }: GiveDatabaseOptions,
  work: Parameters<typeof packDatabase<void>>[2],
): Promise<GivenDatabase> {
  const facts = await databaseStatus(path);
  if (signer !== undefined) await signDatabase(path, signer, { signal, onProgress });
  let [count, sizeBytes] = [0, 0];
  await packDatabase(path, { signal, onProgress }, async (files) => {
    count = files.length;
    sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    await work(files);
  });
  return { facts, files: count, sizeBytes };
}

/** Signs the database in a folder; the signature is kept with it. Throws what the signer throws. */
export async function signDatabase(
  path: string,
  signer: Signer,
  call: Pick<PipelineCall, "signal" | "onProgress"> = {},
): Promise<void> {
  const { bytes, origin } = await readSignable(path);
  const bundle = await runStage({ name: "sign", subject: path, call }, () => signBlob(bytes, signer, call));
  await writeOrigin(path, bytes, { ...origin, signature: Buffer.from(bundle).toString("utf8") });
}

/** What is known of a database without fetching anything. */
export interface DatabaseState {
  readonly facts: DatabaseFacts;
  readonly age: DatabaseAge;
  readonly signature:
    | { readonly state: "verified"; readonly signer: VerifiedSigner }
    /** There is one; nobody said whose counts. */
    | { readonly state: "unchecked" }
    | { readonly state: "unsigned" };
  readonly origin: Omit<DatabaseOrigin, "signature" | "ecosystems" | "etag" | "place">;
  /** The ecosystems whose files were fetched, where not all were. */
  readonly partial?: readonly string[];
}

/**
 * What the database in a folder is: what it holds, how old it is and by whom it is signed. With a policy the signature is
 * verified: throws its refusal, `DATABASE_UNSIGNED`, and what `databaseStatus` of @sc/scan throws.
 */
export async function inspectDatabase(
  path: string,
  {
    now,
    maxAgeMilliseconds,
    policy,
  }: {
    readonly now: Date;
    readonly maxAgeMilliseconds?: number | undefined;
    readonly policy?: SignerPolicy | undefined;
  },
): Promise<DatabaseState> {
  const facts = await databaseStatus(path);
  const { bytes, origin } = await readSignable(path);
  const { signer, source, checked, ecosystems } = origin;
  const verified = policy === undefined ? undefined : verifyIndex({ bytes, ...signatureOf(origin) }, path, policy);
  const unverified = { state: origin.signature === undefined ? ("unsigned" as const) : ("unchecked" as const) };
  return {
    facts,
    age: ageOf(facts, { now, maxAgeMilliseconds }),
    signature: verified === undefined ? unverified : { state: "verified", signer: verified },
    origin: {
      ...(signer === undefined ? {} : { signer }),
      ...(source === undefined ? {} : { source }),
      ...(checked === undefined ? {} : { checked }),
    },
    ...(ecosystems === undefined ? {} : { partial: ecosystems }),
  };
}

async function fetchFrom(source: DatabaseSource, options: FetchDatabaseOptions): Promise<FetchedDatabase> {
  const { output, now, signal, onProgress, policy } = options;
  const call = { signal, onProgress };
  const here = await readHere(output);
  const known = here === undefined ? undefined : knownSigner(here, policy);
  // Without an accepted signature of what is here, it is fetched whatever the place calls it.
  const etag = here?.origin.source === source.name && known !== undefined ? here.origin.etag : undefined;
  const found = await source.fetchIndex({ ...call, etag });
  const index = found ?? { bytes: here?.bytes ?? new Uint8Array(), ...signatureOf(here?.origin) };
  const signer = verifyIndex(index, source.name, policy);
  const tag = found === undefined ? etag : found.etag;
  const origin: DatabaseOrigin = {
    ...(index.signature === undefined ? {} : { signature: Buffer.from(index.signature).toString("utf8") }),
    signer: describeSigner(signer),
    source: source.name,
    ...(source.place === undefined ? {} : { place: source.place }),
    checked: now.toISOString(),
    ...(tag === undefined ? {} : { etag: tag }),
  };
  const installed = await installDatabase({ bytes: index.bytes, origin }, source, {
    output,
    ecosystems: options.ecosystems,
    before: here?.origin.ecosystems,
    waitMilliseconds: options.waitMilliseconds,
    ...call,
  });
  const { facts, unchanged, fetched, kept } = installed;
  const age = ageOf(facts, { now });
  const state = unchanged ? "current" : "updated";
  return { state, facts, age, from: source.name, signer, fetched, kept, failures: [] };
}

interface Here {
  readonly bytes: Uint8Array;
  readonly origin: DatabaseOrigin;
}

// There is nothing in it that a new one is compared with.
const worthless = new Set(["DATABASE_MISSING", "DATABASE_CORRUPT", "DATABASE_OUTGROWN"]);

async function readHere(output: string): Promise<Here | undefined> {
  try {
    return await readSignable(output);
  } catch (error) {
    if (isScError(error) && worthless.has(error.code)) return undefined;
    throw error;
  }
}

function signatureOf(origin: DatabaseOrigin | undefined): Pick<SignedIndex, "signature"> {
  return origin?.signature === undefined ? {} : { signature: Buffer.from(origin.signature) };
}

function knownSigner({ bytes, origin }: Here, policy: SignerPolicy): VerifiedSigner | undefined {
  try {
    return verifyIndex({ bytes, ...signatureOf(origin) }, "", policy);
  } catch (error) {
    // Nothing depends on it: it is fetched again, and verified then.
    if (isScError(error)) return undefined;
    throw error;
  }
}

function verifyIndex({ bytes, signature }: SignedIndex, where: string, policy: SignerPolicy): VerifiedSigner {
  if (signature === undefined) {
    throw new ScError("DATABASE_UNSIGNED", `${where}: the advisory database there is not signed`, {
      hint: "Have whoever publishes it sign it: sc db push and sc db export do, with --key or --keyless.",
    });
  }
  return verifyBlob(signature, bytes, policy).facts.signer;
}

function describeSigner(signer: VerifiedSigner): string {
  return signer.kind === "key" ? `key ${signer.keyId}` : `${signer.subject} of ${signer.issuer ?? "an unknown issuer"}`;
}

// What a mirror may do wrong without the next one being worse; our own disk and lock are not among it.
const ownFaults = new Set(["DATABASE_UNWRITABLE", "DATABASE_BUSY", "ECOSYSTEM_UNKNOWN", "POLICY_INVALID", "OFFLINE"]);

function isMirrorsFault(error: ScError): boolean {
  return !ownFaults.has(error.code);
}

// What is not what the index says, or lags behind, is a fault of the way; a signature that is not accepted never is.
function isUnreachable(error: ScError): boolean {
  return error.retryable === true || transportFaults.has(error.code);
}

const transportFaults = new Set([
  "DATABASE_OLDER",
  "DATABASE_OUTGROWN",
  "DATABASE_UNREACHABLE",
  "DATABASE_CORRUPT",
  "BODY_TOO_LARGE",
  "CONTENT_ENCODING_REFUSED",
  "REDIRECT_REFUSED",
  "RESPONSE_MALFORMED",
  "TLS_FAILED",
  "TOO_MANY_REDIRECTS",
]);

function describeFailure({ from, error }: { readonly from: string; readonly error: ScError }) {
  return { from, code: error.code, message: error.message };
}
