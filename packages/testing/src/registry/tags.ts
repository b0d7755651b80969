import { type Answer, answerJson, refuse } from "./answer.ts";
import { type Exchange, writeLocation } from "./exchange.ts";

/** The tags of a repository in lexical order, in pages when `n` or the settings say so. */
export function serveTags(exchange: Exchange): Answer {
  const { request, repository, repositories, name, settings } = exchange;
  if (request.method !== "GET") return refuse(405, "UNSUPPORTED");
  if (!repositories.has(name)) return refuse(404, "NAME_UNKNOWN");
  const all = [...repository.tags.keys()].toSorted();
  const honest = settings.tagPaging === "honest";
  const last = honest ? request.query.get("last") : null;
  const rest = last === null ? all : all.filter((tag) => tag > last);
  const size = honest ? Number(request.query.get("n") ?? settings.tagPageSize) : 0;
  const tags = size > 0 ? rest.slice(0, size) : rest;
  const next = nextPage(exchange, { tags, size, more: tags.length < rest.length });
  const headers = next === undefined ? {} : { link: `<${writeLocation(exchange, next)}>; rel="next"` };
  return answerJson(200, { name, tags }, headers);
}

function nextPage(
  { name, settings, nextNumber }: Exchange,
  page: { readonly tags: readonly string[]; readonly size: number; readonly more: boolean },
): string | undefined {
  const path = `/v2/${name}/tags/list`;
  if (settings.tagPaging === "cyclic") return path;
  if (settings.tagPaging === "endless") return `${path}?page=${nextNumber()}`;
  return page.more ? `${path}?last=${encodeURIComponent(page.tags.at(-1) ?? "")}&n=${page.size}` : undefined;
}
