import { createHash } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CommandDefinition } from "./command.ts";
import type { Environment } from "./environment.ts";
import type { OptionValues } from "./option-values.ts";

/** The most commands that are suggested after a result. */
const maxSteps = 2;

/** A label and the command line it stands for. */
type Step = readonly [label: string, command: string];

/**
 * Those of the suggested next commands that nobody has been shown yet, two at most. What is shown is remembered in the
 * cache directory; without one, or where it cannot be written, a suggestion comes again.
 */
export async function unseenSteps(
  steps: readonly Step[],
  run: {
    readonly command: CommandDefinition | undefined;
    readonly values: OptionValues;
    readonly environment: Environment;
  },
): Promise<readonly Step[]> {
  const { command, values, environment } = run;
  const cache =
    values.text("cache-dir") ?? (environment.cacheHome === undefined ? undefined : `${environment.cacheHome}/sc`);
  if (cache === undefined) return steps.slice(0, maxSteps);
  const folder = join(cache, "suggested");
  try {
    await mkdir(folder, { recursive: true });
    const seen = new Set(await readdir(folder));
    const unseen = steps
      .map((step) => ({ step, mark: markOf(command, step) }))
      .filter(({ mark }) => !seen.has(mark))
      .slice(0, maxSteps);
    for (const { mark } of unseen) await writeFile(join(folder, mark), "");
    return unseen.map(({ step }) => step);
  } catch {
    return steps.slice(0, maxSteps);
  }
}

// The same suggestion for another image is the same suggestion.
function markOf(command: CommandDefinition | undefined, [label]: Step): string {
  const text = `${command?.path.join(" ") ?? ""} ${label}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
