import { type Answer, answerJson, type ArrivedRequest, refuse } from "./answer.ts";
import type { NeededScope } from "./auth.ts";
import { serveBlob } from "./blobs.ts";
import type { Exchange } from "./exchange.ts";
import { serveManifest } from "./manifests.ts";
import { serveReferrers } from "./referrers.ts";
import { openRepository, type Repositories } from "./repository.ts";
import { serveTags } from "./tags.ts";
import { serveUpload } from "./uploads.ts";

const routes =
  /^\/v2\/(?<name>.+?)\/(?:blobs\/uploads\/(?<upload>[^/]*)|blobs\/(?<blob>[^/]+)|manifests\/(?<manifest>[^/]+)|referrers\/(?<subject>[^/]+)|tags\/(?<tags>list))$/;

const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** The answer of the endpoint that a request is for. */
export function route(request: ArrivedRequest, context: Omit<Exchange, "request" | "name" | "repository">): Answer {
  if (request.path === "/v2/" || request.path === "/v2") return answerJson(200, {});
  if (request.path === "/v2/_catalog") {
    return answerJson(200, { repositories: [...context.repositories.keys()].toSorted() });
  }
  const groups = routes.exec(request.path)?.groups;
  const name = groups?.["name"];
  if (groups === undefined || name === undefined) return refuse(404, "NOT_FOUND");
  if (!repositoryName.test(name)) return refuse(400, "NAME_INVALID");
  // Asking after a repository does not make one.
  const asks = request.method === "GET" || request.method === "HEAD";
  if (!asks && !context.settings.createsRepositories && !context.repositories.has(name)) {
    return refuse(404, "NAME_UNKNOWN");
  }
  const repositories: Repositories = asks && !context.repositories.has(name) ? new Map() : context.repositories;
  return answerFrom({ ...context, request, name, repository: openRepository(repositories, name) }, groups);
}

function answerFrom(exchange: Exchange, groups: Readonly<Record<string, string | undefined>>): Answer {
  const { upload, blob, manifest, subject } = groups;
  if (upload !== undefined) return serveUpload(exchange, upload);
  if (blob !== undefined) return serveBlob(exchange, blob);
  if (manifest !== undefined) return serveManifest(exchange, manifest);
  if (subject !== undefined) return serveReferrers(exchange, subject);
  return serveTags(exchange);
}

/** What a request needs to be allowed. */
export function neededScopes(request: ArrivedRequest): readonly NeededScope[] {
  if (request.path === "/v2/_catalog") return [{ resource: "registry:catalog", actions: ["*"] }];
  const name = routes.exec(request.path)?.groups?.["name"];
  if (name === undefined) return [];
  const resource = `repository:${name}`;
  if (request.method === "GET" || request.method === "HEAD") return [{ resource, actions: ["pull"] }];
  if (request.method === "DELETE" && !request.path.includes("/uploads/")) return [{ resource, actions: ["delete"] }];
  const from = request.query.get("mount") === null ? null : request.query.get("from");
  const source = from === null ? [] : [{ resource: `repository:${from}`, actions: ["pull"] }];
  return [{ resource, actions: ["pull", "push"] }, ...source];
}
