import { limits } from "../limits.ts";
import { hasRoom } from "./cuts.ts";

/**
 * Keeps the lists of files of one database within bounds: databases write directory and name apart, so that a small
 * one can make paths that are very many and very long.
 */
export class PathBudget {
  #chars = 0;
  #count = 0;

  /** Takes a path; false when it is too long, or the database has named too much already. */
  take(path: string): boolean {
    if (!hasRoom(path.length - 1, limits.maxPathChars, "characters in a path")) return false;
    this.#count += 1;
    this.#chars += path.length;
    return (
      hasRoom(this.#count - 1, limits.maxFiles, "files") &&
      hasRoom(this.#chars - 1, limits.maxPathListChars, "characters in paths")
    );
  }
}
