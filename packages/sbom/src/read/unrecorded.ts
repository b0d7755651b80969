import type { Problem } from "@sc/model";
import { limits } from "../limits.ts";
import { quote } from "./token.ts";

/** Where packages keep what their removal leaves behind: configuration and state. */
export const leftBehind: RegExp = /^(?:etc|var)\//;
/** Whether one of a package's files is in the image, but for what its removal leaves behind. */
export function remains(files: readonly string[], resolve: (file: string) => string | undefined): boolean {
  return files.some((file) => !leftBehind.test(file) && resolve(file) !== undefined);
}

/** The problem that a database has which lists files of packages it has no record of: who edits it hides them. */
export function unrecorded(path: string, names: ReadonlySet<string>): Problem {
  const some = [...names].slice(0, limits.maxNamedPackages).map(quote);
  const count = names.size === 1 ? "1 package whose list" : `${names.size} packages whose lists`;
  const list = `${some.join(", ")}${names.size > some.length ? ", …" : ""}`;
  const message = `${path}: it has no record of ${count} of files is there, and files of it are in the image: ${list}`;
  return { kind: "problem", code: "DATABASE_EDITED", message, path, incomplete: true };
}
