import { defined } from "../defined.ts";
import { limits } from "../limits.ts";
import { FaultList } from "./faults.ts";
import type { RpmDatabase } from "./rpm-database.ts";
import type { RpmRecord } from "./rpm-record.ts";
import { isSystemName, isVersion, quote } from "./token.ts";

/**
 * The packages of a manifest that Azure Linux's images without a database have: a line each of name, version, time of
 * installation, time of building, vendor, epoch, size, architecture, epoch as a number and source package, between tabs.
 */
export function parseRpmManifest(text: string): RpmDatabase {
  const packages: RpmRecord[] = [];
  const faults = new FaultList();
  let start = 0;
  for (let line = 1; start < text.length; line += 1) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(start, Math.min(end, start + limits.maxTextChars)).trimEnd();
    start = end + 1;
    if (content === "") continue;
    const record = recordOf(content.split("\t"));
    if (record === undefined) faults.lose(`line ${line}: ${quote(content)} is no package with name and version`);
    else if (record.name !== "gpg-pubkey") packages.push(record);
    if (packages.length >= limits.maxRecords) {
      faults.truncate(`line ${line}: more than ${limits.maxRecords} packages`);
      break;
    }
  }
  const found = faults.finish();
  return found === undefined ? { packages } : { packages, faults: found };
}

function recordOf(cells: readonly string[]): RpmRecord | undefined {
  const [name, version, , , vendor, , , architecture, epochText, sourceRpm] = cells.map((cell) =>
    cell === "(none)" || cell === "" ? undefined : cell,
  );
  if (!isSystemName(name) || !isVersion(version)) return undefined;
  const epoch = /^[1-9]\d{0,9}$/.test(epochText ?? "") ? Number(epochText) : undefined;
  return defined<RpmRecord>({ name, version, epoch, architecture, vendor, sourceRpm, requires: [], provides: [] });
}
