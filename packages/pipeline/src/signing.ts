import { formatCount, type Descriptor, type JsonObject } from "@sc/model";
import type { ImageDestination, ImageSource } from "@sc/oci";
import {
  type AttachedRecord,
  attestImage,
  listImages,
  type Signer,
  signImage,
  type StorageChoice,
  type VerifiedAttestations,
  type VerifiedImage,
  verifyAttestation as verifyStatements,
  verifyImage,
  type VerifyAttestationPolicy,
  type VerifyImagePolicy,
} from "@sc/sign";
import { type Connection, type PipelineCall, type Place, resolveTarget, withConnection } from "./connect.ts";
import { runStage } from "./stage.ts";

/** Where signatures and attestations are kept. */
export interface ArtifactPlace {
  /** Another repository instead of the image's own: `registry/repository`. */
  readonly artifactRepository?: string | undefined;
}

/** How an image is signed. */
export interface SignOptions extends PipelineCall, ArtifactPlace {
  readonly storage?: StorageChoice | undefined;
  /** What the signature says besides. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Signs every image that an index names too, all with one certificate. */
  readonly recursive?: boolean | undefined;
  /** The present, for what is signed with a time. */
  readonly now?: Date | undefined;
}

/** What signing or attesting an image came to. */
export interface SigningResult {
  /** The reference in full. */
  readonly name: string;
  /** What was signed: the index where the reference names one, so that the signature holds for every platform. */
  readonly descriptor: Descriptor;
  readonly records: readonly AttachedRecord[];
}

/** Signs what a reference names. Throws what `signImage` of @sc/sign throws, and `IMAGE_NOT_FOUND`. */
export async function sign(image: string, signer: Signer, options: SignOptions = {}): Promise<SigningResult> {
  const { storage, annotations, now, recursive = false } = options;
  return await attached(image, options, async ({ store, place, descriptor, call }) => {
    return await runStage({ name: "sign", subject: image, call, detail: describeRecords }, async () => {
      const records: AttachedRecord[] = [];
      for (const one of recursive ? await listImages(place, descriptor, call) : [descriptor]) {
        const written = await signImage(store, one, signer, {
          ...call,
          imageRepository: place.repository,
          ...(storage === undefined ? {} : { storage }),
          ...(annotations === undefined ? {} : { annotations }),
          ...(now === undefined ? {} : { now }),
        });
        records.push(...written);
      }
      return records;
    });
  });
}

/** A predicate and the name or URI of its type. */
export interface Claim {
  readonly type: string;
  readonly predicate: JsonObject | string;
}

/** How an image is attested. */
export interface AttestOptions extends PipelineCall, ArtifactPlace {
  readonly storage?: StorageChoice | undefined;
  readonly now?: Date | undefined;
  /** What is signed: the reference's own descriptor unless given, such as that of one image of an index. */
  readonly subject?: Descriptor | undefined;
  /** States the same about every image that an index names, all with one certificate. */
  readonly recursive?: boolean | undefined;
}

/** Signs a statement about what a reference names. Throws what `attestImage` of @sc/sign throws. */
export async function attest(
  image: string,
  claim: Claim & { readonly signer: Signer },
  options: AttestOptions = {},
): Promise<SigningResult> {
  const { storage, now, recursive = false } = options;
  const { signer, type, predicate } = claim;
  return await attached(image, options, async ({ store, place, descriptor, call }) => {
    const subject = options.subject ?? descriptor;
    return await runStage({ name: "attest", subject: image, call, detail: describeRecords }, async () => {
      const records: AttachedRecord[] = [];
      for (const one of recursive ? await listImages(place, subject, call) : [subject]) {
        const written = await attestImage(store, one, signer, {
          ...call,
          type,
          predicate,
          imageRepository: place.repository,
          ...(storage === undefined ? {} : { storage }),
          ...(now === undefined ? {} : { now }),
        });
        records.push(...written);
      }
      return records;
    });
  });
}

/** How an image is verified: by whom it must be signed, and where the signatures are. */
export interface VerifyOptions extends PipelineCall, ArtifactPlace {
  /** Every image that an index names must be signed itself too; the first that is not ends it. */
  readonly recursive?: boolean | undefined;
}

/**
 * The image, when it is signed as the policy asks: the verified value, or an error. Throws `NO_SIGNATURES`,
 * `VERIFICATION_FAILED` and what else `verifyImage` of @sc/sign throws.
 */
export async function verify(
  image: string,
  policy: VerifyImagePolicy,
  options: VerifyOptions = {},
): Promise<VerifiedImage> {
  return await searched(image, options, async ({ source, place, descriptor, call }) => {
    return await runStage({ name: "verify", subject: image, call, detail: describeImage }, async () => {
      const verified = await verifyImage(source, descriptor, { ...policy, ...call });
      if (options.recursive !== true) return verified;
      const [, ...members] = await listImages(place, descriptor, call);
      for (const member of members) await verifyImage(source, member, { ...policy, ...call });
      return verified;
    });
  });
}

/** The verified attestations of one type about an image. Throws what `verifyAttestation` of @sc/sign throws. */
export async function verifyAttestation(
  image: string,
  policy: VerifyAttestationPolicy,
  options: VerifyOptions & { readonly subject?: Descriptor | undefined } = {},
): Promise<VerifiedAttestations> {
  return await searched(image, options, async ({ source, descriptor, call }) => {
    return await runStage({ name: "verify", subject: image, call, detail: describeStatements }, () =>
      verifyStatements(source, descriptor, { ...policy, ...call }),
    );
  });
}

interface Attaching {
  readonly store: ImageDestination;
  readonly descriptor: Descriptor;
  /** Where the image itself is; its repository is what signatures name. */
  readonly place: ImageSource;
  readonly call: Pick<PipelineCall, "signal" | "onProgress">;
}

async function attached(
  image: string,
  options: PipelineCall & ArtifactPlace,
  work: (attaching: Attaching) => Promise<readonly AttachedRecord[]>,
): Promise<SigningResult> {
  const { signal, onProgress } = options;
  const call = { signal, onProgress };
  return await withConnection(options, async (connection) => {
    await using place = await connection.openDestination(image, call);
    const descriptor = await resolveTarget(place, call);
    await using other = await openArtifacts(connection, options, call);
    const store = other?.at ?? place.at;
    const records = await work({ store, place: place.at, descriptor, call });
    return { name: place.name, descriptor, records };
  });
}

async function openArtifacts(
  connection: Connection,
  { artifactRepository }: ArtifactPlace,
  call: Attaching["call"],
): Promise<Place<ImageDestination> | undefined> {
  return artifactRepository === undefined ? undefined : await connection.openDestination(artifactRepository, call);
}

interface Searching {
  /** Where the signatures are. */
  readonly source: ImageSource;
  /** Where the image itself is. */
  readonly place: ImageSource;
  readonly descriptor: Descriptor;
  readonly call: Attaching["call"];
}

async function searched<Value>(
  image: string,
  options: PipelineCall & ArtifactPlace & { readonly subject?: Descriptor | undefined },
  work: (searching: Searching) => Promise<Value>,
): Promise<Value> {
  const { signal, onProgress, artifactRepository } = options;
  const call = { signal, onProgress };
  return await withConnection(options, async (connection) => {
    await using place = await connection.openSource(image, call);
    // What was resolved once is not asked for again: its tag may have moved since.
    const descriptor = options.subject ?? (await resolveTarget(place, call));
    if (artifactRepository === undefined) return await work({ source: place.at, place: place.at, descriptor, call });
    await using other = await connection.openSource(artifactRepository, call);
    return await work({ source: other.at, place: place.at, descriptor, call });
  });
}

function describeRecords(records: readonly AttachedRecord[]): string {
  const counts = new Map<string, number>();
  for (const { form, state } of records) counts.set(`${form} ${state}`, (counts.get(`${form} ${state}`) ?? 0) + 1);
  return [...counts].map(([what, count]) => (count === 1 ? what : `${what} ${count} times`)).join(", ");
}

function describeImage({ signatures }: VerifiedImage): string {
  return formatCount(signatures.length, "signature");
}

function describeStatements({ statements }: VerifiedAttestations): string {
  return formatCount(statements.length, "attestation");
}
