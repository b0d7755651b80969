/** What a request does to a repository, as token services call it. */
export type Action = "pull" | "push" | "delete";

/** The scope of actions on a repository: `repository:name:pull,push`. */
export function repositoryScope(repository: string, actions: readonly Action[]): string {
  return `repository:${repository}:${actions.toSorted().join(",")}`;
}

/** Scopes joined: each resource once, with all its actions, in a fixed order. */
export function mergeScopes(scopes: readonly string[]): readonly string[] {
  const byResource = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(":");
    if (colon <= 0) continue;
    const actions = byResource.get(scope.slice(0, colon)) ?? new Set();
    for (const action of scope.slice(colon + 1).split(",")) if (action !== "") actions.add(action);
    byResource.set(scope.slice(0, colon), actions);
  }
  return [...byResource].map(([resource, actions]) => `${resource}:${[...actions].toSorted().join(",")}`).toSorted();
}
