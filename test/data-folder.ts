import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * A folder of the shared data: `SC_DATA`, or `shared/data` beside the repository. `undefined` where it is absent; the
 * absence is said once per folder on stderr, and the repository's own vectors cover the same ground.
 */
export function dataFolder(name: string): string | undefined {
  const all = process.env["SC_DATA"] ?? join(import.meta.dirname, "..", "..", "shared", "data");
  const folder = join(all, name);
  if (existsSync(folder)) return folder;
  process.stderr.write(`shared data folder "${name}" is absent: its cases are skipped\n`);
  return undefined;
}
