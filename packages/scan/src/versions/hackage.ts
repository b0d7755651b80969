import { compareNumberLists } from "./cran.ts";
import type { VersionScheme } from "../version-scheme.ts";

/**
 * The order of Hackage: numbers separated by dots; of `1.0` and `1.0.0` the longer is higher.
 *
 * @see https://pvp.haskell.org/
 */
export const hackage: VersionScheme<readonly string[]> = {
  id: "hackage",
  parse(text: string): readonly string[] | undefined {
    return /^\d+(?:\.\d+)*$/.test(text) ? text.split(".") : undefined;
  },
  compare: compareNumberLists,
};
