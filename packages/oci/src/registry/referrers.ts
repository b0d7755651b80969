import { readBody } from "@sc/http";
import { type Call, Decoder, type Descriptor, type Digest, parseJson, type ReferrersOptions, ScError } from "@sc/model";
import { decodeDescriptor } from "../descriptor.ts";
import { maxManifestBytes } from "../limits.ts";
import { mediaTypes } from "../media-type.ts";
import { contentType } from "./manifests.ts";
import { walkPages } from "./pages.ts";
import { readReferrersTag } from "./referrers-tag.ts";
import { readProblems } from "./registry-error.ts";
import { failureOf, imageName, type Repository, type RepositoryResponse } from "./request.ts";

const maxPages = 100;
const maxReferrers = 10_000;

/**
 * The manifests that say they are about a subject: by the referrers API, or by the fallback tag where the registry
 * lacks the API. Entries of unknown type are kept whatever type is asked for, since old writers state a wrong one.
 *
 * The registry is not asked to filter: what it would leave out by its own idea of a type could be wanted.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function listReferrers(
  repository: Repository,
  subject: Digest,
  { artifactType, ...call }: ReferrersOptions = {},
): Promise<readonly Descriptor[]> {
  const listed =
    (await listByApi(repository, subject, call)) ?? (await readReferrersTag(repository, subject, call)).entries;
  const unique = new Map(listed.map((entry) => [entry.digest, entry]));
  return [...unique.values()].filter((entry) => artifactType === undefined || mayBe(entry, artifactType));
}

function mayBe(entry: Descriptor, artifactType: string): boolean {
  return (
    entry.artifactType === artifactType ||
    entry.artifactType === undefined ||
    entry.artifactType === mediaTypes.ociEmpty
  );
}

/**
 * What the referrers API lists, page by page and within bounds; `undefined` when the registry has no such API, which
 * is learnt once for each registry.
 */
export async function listByApi(
  repository: Repository,
  subject: Digest,
  call: Call,
): Promise<readonly Descriptor[] | undefined> {
  const { referrers } = repository.session;
  const { origin } = repository.base;
  if (referrers.get(origin) === "tag") return undefined;
  const where = `referrers of ${imageName(repository, subject)}`;
  const entries: Descriptor[] = [];
  let pages = 0;
  for await (const page of walkPages(repository, {
    at: `referrers/${subject}`,
    accept: mediaTypes.ociIndex,
    maxPages,
    call,
  })) {
    const support = pages === 0 ? await supportOf(page) : "api";
    if (support === "tag") referrers.set(origin, "tag");
    if (support !== "api") return undefined;
    pages += 1;
    entries.push(...(await readPage(page, where)));
    if (entries.length > maxReferrers)
      throw new ScError("REFERRERS_INVALID", `${where}: more than ${maxReferrers} entries`);
  }
  referrers.set(origin, "api");
  return entries;
}

/** Whether an answer is one of the API; `unknown` when it lacks it for this subject, which says nothing of others. */
async function supportOf(page: RepositoryResponse): Promise<"api" | "tag" | "unknown"> {
  const { status, headers } = page.response;
  if (status === 200) {
    if (contentType(headers) === mediaTypes.ociIndex) return "api";
    await page.response[Symbol.asyncDispose]();
    return "tag";
  }
  if (![400, 404, 405, 406, 415, 501].includes(status)) throw await failureOf(page);
  const problems = await readProblems(page.response);
  return problems.some(({ code }) => code === "NAME_UNKNOWN" || code === "MANIFEST_UNKNOWN") ? "unknown" : "tag";
}

async function readPage(page: RepositoryResponse, where: string): Promise<readonly Descriptor[]> {
  const { response } = page;
  if (response.status !== 200) throw await failureOf(page);
  if (contentType(response.headers) !== mediaTypes.ociIndex) {
    await response[Symbol.asyncDispose]();
    throw new ScError("REFERRERS_INVALID", `${where}: a page is not an image index`);
  }
  const bytes = await readBody(response, { maxBytes: maxManifestBytes });
  return (
    new Decoder(parseJson(bytes, where), where)
      .member("manifests")
      .optional((present) => present.array())
      ?.map(decodeDescriptor) ?? []
  );
}
