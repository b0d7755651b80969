import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ScError } from "@sc/model";
import { signLimits } from "./limits.ts";
import { type KeyValidity, parsePublicKeys, type PublicKey } from "./public-key.ts";

/**
 * The public keys in a directory, those of every `.pub` and `.pem` file in the order of their names. A name may say
 * when the key's signatures count, both days included, in UTC: `release_from_2026-01-01_until_2026-12-31.pub`; either
 * part may be left out. Throws `KEY_NOT_FOUND`, `KEY_INVALID`.
 */
export async function readKeyDirectory(
  path: string,
  readKeyFile: (path: string) => Promise<Uint8Array>,
): Promise<readonly PublicKey[]> {
  const where = JSON.stringify(path);
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.isDirectory() && /\.(?:pub|pem)$/.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
  if (names.length === 0) {
    throw new ScError("KEY_NOT_FOUND", `${where}: the directory holds no public key`, {
      hint: "Put the public keys there as .pub or .pem files.",
    });
  }
  if (names.length > signLimits.maxKeys) {
    throw new ScError("KEY_INVALID", `${where}: ${names.length} keys; at most ${signLimits.maxKeys}`);
  }
  const keys: PublicKey[] = [];
  for (const name of names) {
    const at = join(path, name);
    const validity = readValidity(name, at);
    for (const key of parsePublicKeys(await readKeyFile(at), JSON.stringify(at))) {
      keys.push(validity === undefined ? key : { ...key, validity });
    }
  }
  return keys;
}

const oneDay = 86_400_000;

function readValidity(name: string, where: string): KeyValidity | undefined {
  const [from, until] = ["from", "until"].map((word) => readDay(name, word, where));
  if (from === undefined && until === undefined) return undefined;
  const validity = {
    ...(from === undefined ? {} : { start: new Date(from) }),
    ...(until === undefined ? {} : { end: new Date(until + oneDay - 1) }),
  };
  if (from === undefined || until === undefined || from <= until) return validity;
  throw new ScError("KEY_INVALID", `${JSON.stringify(where)}: the key ends before it begins`);
}

// A date that cannot be read must not become a key without bounds.
function readDay(name: string, word: string, where: string): number | undefined {
  const text = new RegExp(`(?:^|_)${word}_([^_]*?)(?=_|\\.(?:pub|pem)$)`).exec(name)?.[1];
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // `Date.parse` takes the 31st of February for a day of March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return time;
  throw new ScError("KEY_INVALID", `${JSON.stringify(where)}: ${JSON.stringify(text.slice(0, 40))} is not a day`, {
    hint: "Write the day as YYYY-MM-DD.",
  });
}
