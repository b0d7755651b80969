import type { Package } from "@sc/model";
import type { AffectedEntry } from "./database/layout.ts";

/** The module that an rpm package is of. */
export interface Module {
  /** Module and stream, `nodejs:18`; absent where only the version tells that it is of one. */
  readonly stream?: string;
}

/** The module of an rpm package, and `undefined` for one outside of modules. */
export function moduleOf({ version, properties, purl, type }: Package): Module | undefined {
  if (type !== "rpm") return undefined;
  const label = properties?.["rpm:modularity"] ?? /[?&]rpmmod=([^&#]+)/.exec(purl)?.[1]?.replaceAll("%3A", ":");
  const [module, stream] = label?.split(":") ?? [];
  if (module !== undefined && stream !== undefined) return { stream: `${module}:${stream}` };
  return version.includes(".module") ? {} : undefined;
}

/**
 * Whether what an advisory says is about packages of this module stream. Streams are built side by side, each with
 * versions of its own: those of one say nothing of those of another. Where a side does not say its stream, any is taken.
 */
export function isOfStream({ modules }: Pick<AffectedEntry, "modules">, module: Module | undefined): boolean {
  if (modules === undefined || module === undefined) return modules === undefined && module === undefined;
  return modules.length === 0 || module.stream === undefined || modules.includes(module.stream);
}
