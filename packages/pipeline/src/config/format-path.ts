/** A path as people write it: `security.scan.ignore.0.reason`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the document" : path.map((step) => String(step).slice(0, 100)).join(".");
}
