import { type Answer, answerJson, refuse } from "./answer.ts";
import { type Exchange, writeLocation } from "./exchange.ts";
import { readManifest, type Repository } from "./repository.ts";

const indexMediaType = "application/vnd.oci.image.index.v1+json";

/**
 * The referrers of a digest, or the answer of a registry that has none to give.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export function serveReferrers(exchange: Exchange, subject: string): Answer {
  const { request, repository, settings } = exchange;
  if (request.method !== "GET") return refuse(405, "UNSUPPORTED");
  if (settings.referrers === "wrong-content-type") {
    return { status: 200, headers: { "content-type": "text/html" }, body: Buffer.from("<html>Welcome</html>") };
  }
  if (settings.referrers === "header-without-endpoint") return refuse(404, "NOT_FOUND");
  if (settings.referrers === 404) {
    const headers = { "content-type": "text/plain; charset=utf-8" };
    return { status: 404, headers, body: Buffer.from("404 page not found\n") };
  }
  if (settings.referrers !== "api") return refuse(settings.referrers, "UNSUPPORTED");
  if (!/^[a-z0-9+._-]+:[a-zA-Z0-9=_-]+$/.test(subject)) return refuse(400, "DIGEST_INVALID");
  const wanted = settings.referrersFilter ? request.query.get("artifactType") : null;
  const all = listReferrers(repository, subject).filter((entry) => wanted === null || entry.artifactType === wanted);
  const page = cutPage(exchange, all, subject);
  const headers: Record<string, string> = { "content-type": indexMediaType };
  if (wanted !== null) headers["oci-filters-applied"] = "artifactType";
  if (page.next !== undefined) headers["link"] = `<${writeLocation(exchange, page.next)}>; rel="next"`;
  return answerJson(200, { schemaVersion: 2, mediaType: indexMediaType, manifests: page.entries }, headers);
}

interface Referrer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function listReferrers(repository: Repository, subject: string): readonly Referrer[] {
  return [...repository.manifests].flatMap(([digest, { bytes, mediaType }]) => {
    const manifest = readManifest(bytes);
    if (manifest?.subject?.digest !== subject) return [];
    const artifactType = manifest.artifactType ?? manifest.config?.mediaType;
    return [
      {
        mediaType,
        digest,
        size: bytes.length,
        ...(artifactType === undefined ? {} : { artifactType }),
        ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
      },
    ];
  });
}

interface Page {
  readonly entries: readonly Referrer[];
  /** The path and query of the next page. */
  readonly next?: string;
}

function cutPage({ request, name, settings, nextNumber }: Exchange, all: readonly Referrer[], subject: string): Page {
  const path = `/v2/${name}/referrers/${subject}`;
  const filter = request.query.get("artifactType");
  const query = (page: number): string =>
    `${path}?page=${page}${filter === null ? "" : `&artifactType=${encodeURIComponent(filter)}`}`;
  if (settings.referrersPaging === "cyclic") return { entries: all, next: query(0) };
  if (settings.referrersPaging === "endless") return { entries: all, next: query(nextNumber()) };
  const size = settings.referrersPageSize;
  if (size === 0) return { entries: all };
  const page = Number(request.query.get("page") ?? "0");
  const entries = all.slice(page * size, (page + 1) * size);
  return (page + 1) * size < all.length ? { entries, next: query(page + 1) } : { entries };
}
