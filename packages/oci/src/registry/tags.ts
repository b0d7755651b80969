import { readBody } from "@sc/http";
import { type Call, Decoder, parseJson, ScError } from "@sc/model";
import { walkPages } from "./pages.ts";
import { failureOf, type Repository } from "./request.ts";

const pageSize = 1000;
const maxPages = 500;
const maxTags = 200_000;
const maxPageBytes = 16 * 1024 * 1024;

/** Every tag of a repository, in the registry's order. Throws `REPOSITORY_NOT_FOUND`, `REGISTRY_RESPONSE_INVALID`. */
export async function listTags(repository: Repository, call: Call = {}): Promise<readonly string[]> {
  const tags = new Set<string>();
  const pages = walkPages(repository, { at: `tags/list?n=${pageSize}`, accept: "application/json", maxPages, call });
  for await (const page of pages) {
    if (page.response.status !== 200) throw await failureOf(page);
    const where = `tags of ${repository.registry}/${repository.name}`;
    const bytes = await readBody(page.response, { maxBytes: maxPageBytes });
    // Some registries write null for a repository without tags.
    const list =
      new Decoder(parseJson(bytes, where), where).member("tags").optional((present) => present.array()) ?? [];
    for (const tag of list) tags.add(tag.string());
    if (tags.size > maxTags) throw new ScError("REGISTRY_RESPONSE_INVALID", `${where}: more than ${maxTags} tags`);
  }
  return [...tags];
}
