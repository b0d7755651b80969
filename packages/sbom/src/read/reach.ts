/** The keys that can be reached from some of them; each is looked at once. */
export function reachableFrom(roots: Iterable<string>, edges: (key: string) => Iterable<string>): ReadonlySet<string> {
  const reached = new Set(roots);
  // A set keeps the order of insertion, and what is added while it is walked is walked as well.
  for (const key of reached) for (const next of edges(key)) reached.add(next);
  return reached;
}
