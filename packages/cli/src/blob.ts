import { access } from "node:fs/promises";
import { ScError } from "@sc/model";
import type { ActionContext, ArgumentDefinition } from "./command.ts";
import { readUserFile } from "./files.ts";

/** What is signed is held in memory whole. */
const maxBlobBytes = 1024 * 1024 * 1024;

/** Room for the largest statement in base64. */
export const maxBundleBytes: number = 192 * 1024 * 1024;

/** The file that a command is about. */
export const blobArgument: ArgumentDefinition = {
  name: "FILE",
  summary: "the file, - for standard input",
  required: true,
};

/** A file to sign or verify. */
export interface Blob {
  /** As it was written; `-` is standard input. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The file that the command names. */
export async function readBlob(context: ActionContext): Promise<Blob> {
  const [path = "-"] = context.values.positionals;
  const limit = { maxBytes: maxBlobBytes };
  return { path, bytes: path === "-" ? await context.readInput(limit) : await readUserFile(path, limit) };
}

/** The names of the bundle beside a file, in the order they are looked for. */
const bundleSuffixes = [".sigstore.json", ".sigstore"] as const;

/** Where the bundle of a file is written: `--bundle`, else beside it. Throws `CLI_USAGE` for standard input without one. */
export function bundlePath({ values }: ActionContext, path: string): string {
  const given = values.text("bundle");
  if (given !== undefined) return given;
  if (path !== "-") return `${path}${bundleSuffixes[0]}`;
  throw new ScError("CLI_USAGE", "--bundle is missing: standard input has no name to put one beside");
}

/** The bundle of a file that is there: `--bundle`, else the first beside it. Throws `CLI_USAGE`, `FILE_MISSING`. */
export async function findBundle(context: ActionContext, path: string): Promise<string> {
  if (context.values.text("bundle") !== undefined || path === "-") return bundlePath(context, path);
  for (const suffix of bundleSuffixes) if (await isThere(`${path}${suffix}`)) return `${path}${suffix}`;
  throw new ScError("FILE_MISSING", `${JSON.stringify(path)}: there is no ${bundleSuffixes.join(" or ")} beside it`, {
    hint: "Give --bundle FILE, or --signature FILE for a signature alone.",
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
