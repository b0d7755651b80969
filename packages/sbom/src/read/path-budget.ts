import { limits } from "../limits.ts";

/**
 * Keeps the lists of files of one database within bounds: databases write directory and name apart, so that a small
 * one can make paths that are very many and very long.
 */
export class PathBudget {
  #chars = 0;
  #count = 0;

  /** Takes a path; false when it is too long, or the database has named too much already. */
  take(path: string): boolean {
    if (path.length > limits.maxPathChars) return false;
    this.#count += 1;
    this.#chars += path.length;
    return this.#count <= limits.maxFiles && this.#chars <= limits.maxPathListChars;
  }
}
