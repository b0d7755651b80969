import { type HttpResponse, redactUrl } from "@sc/http";
import { type Call, ScError } from "@sc/model";
import { parseNextLink } from "./link.ts";
import { ask, type Repository, type RepositoryResponse } from "./request.ts";

/** A listing that comes in pages. */
export interface PageRequest {
  /** Below the repository, with its query. */
  readonly at: string;
  readonly accept: string;
  readonly maxPages: number;
  readonly call: Call;
}

/**
 * The answers of a listing, page after page, as the registry links them; each must be read before the next is asked
 * for. A link to another origin, one that was followed before, and more than `maxPages` pages end in
 * `REGISTRY_RESPONSE_INVALID`, so that no registry can keep a reader busy for ever.
 */
export async function* walkPages(
  repository: Repository,
  { at, accept, maxPages, call }: PageRequest,
): AsyncGenerator<RepositoryResponse, void, undefined> {
  const followed = new Set<string>();
  let next: string | URL = at;
  for (let page = 1; ; page += 1) {
    const answer = await ask(repository, { at: next, headers: { accept }, call });
    yield answer;
    const target = parseNextLink(answer.response.headers["link"]);
    if (target === undefined) return;
    next = nextUrl(target, answer.response, repository);
    if (followed.has(next.href)) throw invalid(repository, `page ${page} links to a page that has been read already`);
    if (page >= maxPages) throw invalid(repository, `it has more than ${maxPages} pages`);
    followed.add(next.href);
  }
}

function nextUrl(target: string, response: HttpResponse, repository: Repository): URL {
  const url = URL.canParse(target, response.url.href) ? new URL(target, response.url.href) : undefined;
  if (url !== undefined && url.origin === repository.base.origin && url.username === "") return url;
  throw invalid(repository, `its next page is on another host: ${redactUrl(target)}`);
}

function invalid(repository: Repository, what: string): ScError {
  return new ScError(
    "REGISTRY_RESPONSE_INVALID",
    `${repository.registry}/${repository.name}: reading a listing: ${what}`,
  );
}
