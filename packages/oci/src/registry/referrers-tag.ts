import {
  type Call,
  Decoder,
  type Descriptor,
  type Digest,
  hasCode,
  type JsonObject,
  type JsonValue,
  parseJson,
  ScError,
  referrersTag,
} from "@sc/model";
import { decodeDescriptor } from "../descriptor.ts";
import { mediaTypes } from "../media-type.ts";
import { fetchManifest } from "./manifests.ts";
import { putManifest } from "./push-manifest.ts";
import { imageName, type Repository } from "./request.ts";

const maxEntries = 10_000;
const maxRounds = 20;

/** What stands under the tag. */
export interface ReferrersTag {
  readonly entries: readonly Descriptor[];
  /** The whole index as it is, so that what is not understood here is kept. */
  readonly document: JsonObject;
  /** For a conditional write: the etag, "absent", or nothing when the registry gives none. */
  readonly ifMatch: string | undefined;
}

const emptyIndex: JsonObject = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };

/** Reads the tag of a subject; no tag is no entries. Throws `REFERRERS_INVALID` when it names something else. */
export async function readReferrersTag(repository: Repository, subject: Digest, call: Call): Promise<ReferrersTag> {
  const tag = referrersTag(subject);
  const where = imageName(repository, tag);
  const manifest = await fetchManifest(repository, tag, call);
  if (manifest === undefined) return { entries: [], document: emptyIndex, ifMatch: "absent" };
  if (manifest.descriptor.mediaType !== mediaTypes.ociIndex) {
    throw new ScError(
      "REFERRERS_INVALID",
      `${where}: the list of referrers is ${JSON.stringify(manifest.descriptor.mediaType.slice(0, 100))}, wanted an image index`,
      {
        hint: "Someone used the tag for something else: delete it.",
      },
    );
  }
  const decoder = new Decoder(parseJson(manifest.bytes, where), where);
  const entries = decoder.member("manifests").array();
  if (entries.length > maxEntries) throw new ScError("REFERRERS_INVALID", `${where}: more than ${maxEntries} entries`);
  return { entries: entries.map(decodeDescriptor), document: decoder.object(), ifMatch: manifest.etag };
}

/** Adds an entry to the list under the subject's tag, and stays until a reader finds it there. Throws `MANIFEST_CHANGED`. */
export async function addToReferrersTag(
  repository: Repository,
  subject: Digest,
  { entry, call }: { readonly entry: Descriptor; readonly call: Call },
): Promise<void> {
  await editReferrersTag(repository, subject, {
    call,
    edit: (current) => (current.some(({ digest }) => digest === entry.digest) ? undefined : { add: entry }),
  });
}

/** Takes an entry off the list under the subject's tag. Throws `MANIFEST_CHANGED`. */
export async function removeFromReferrersTag(
  repository: Repository,
  subject: Digest,
  { digest, call }: { readonly digest: Digest; readonly call: Call },
): Promise<void> {
  await editReferrersTag(repository, subject, {
    call,
    edit: (current) => (current.some((entry) => entry.digest === digest) ? { remove: digest } : undefined),
  });
}

interface Edit {
  readonly add?: Descriptor;
  readonly remove?: Digest;
}

// Read, write on condition that nothing changed, read again. Registries that ignore conditions let two writers
// overwrite each other: the second reading notices, and the lost entry is added to what the other wrote.
async function editReferrersTag(
  repository: Repository,
  subject: Digest,
  { edit, call }: { readonly edit: (current: readonly Descriptor[]) => Edit | undefined; readonly call: Call },
): Promise<void> {
  const { clock } = repository.session;
  for (let round = 1; round <= maxRounds; round += 1) {
    const current = await readReferrersTag(repository, subject, call);
    const wanted = edit(current.entries);
    if (wanted === undefined) return;
    if (round > 2) await clock.sleep(100 * 2 ** Math.min(round, 5) * clock.random(), call.signal);
    try {
      await writeTag(repository, subject, { current, wanted, call });
    } catch (error) {
      if (!hasCode(error, "MANIFEST_CHANGED")) throw error;
    }
  }
  throw new ScError(
    "MANIFEST_CHANGED",
    `${imageName(repository, referrersTag(subject))}: others kept changing the list of referrers`,
    {
      retryable: true,
      hint: "Try again when fewer signatures of this image are being written.",
    },
  );
}

async function writeTag(
  repository: Repository,
  subject: Digest,
  { current, wanted, call }: { readonly current: ReferrersTag; readonly wanted: Edit; readonly call: Call },
): Promise<void> {
  const before = new Decoder(current.document, "index").member("manifests").array();
  const manifests: JsonValue[] = before
    .filter((entry) => wanted.remove === undefined || entry.member("digest").value !== wanted.remove)
    .flatMap((entry) => (entry.value === undefined ? [] : [entry.value]));
  if (wanted.add !== undefined) manifests.push(documentOf(wanted.add));
  const bytes = Buffer.from(JSON.stringify({ ...current.document, manifests }));
  const options = {
    ...call,
    tag: referrersTag(subject),
    ...(current.ifMatch === undefined ? {} : { ifMatch: current.ifMatch }),
  };
  await putManifest(repository, { bytes, mediaType: mediaTypes.ociIndex }, options);
}

function documentOf({ mediaType, digest, size, artifactType, annotations }: Descriptor): JsonObject {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
