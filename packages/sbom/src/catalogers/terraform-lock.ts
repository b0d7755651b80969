import type { Cataloger } from "../cataloger.ts";
import { prefixedHashes } from "../read/integrity.ts";
import { isNamed, type LockEntries, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { openLines } from "../read/tree-file.ts";

/**
 * The providers that Terraform and OpenTofu would install, by .terraform.lock.hcl. Both write one attribute a line; of
 * HCL nothing else is understood. The names are the providers' whole addresses, as syft has them, and `terraform` is a
 * purl type of such tools, not yet a registered one.
 *
 * @see https://developer.hashicorp.com/terraform/language/files/dependency-lock
 */
export const terraformLock: Cataloger<LockFacts> = lockCataloger({
  id: "terraform-lock",
  version: 1,
  type: "terraform",
  among: { names: [".terraform.lock.hcl"] },
  wants: (path) => isNamed(path, ".terraform.lock.hcl"),
  open: openLines,
  collect: (lines, entries) => {
    let open: Provider | undefined;
    for (const line of lines) {
      const name = /^\s*provider\s+"([^"]*)"\s*\{/.exec(line)?.[1];
      if (name !== undefined) {
        if (open !== undefined) addProvider(open, entries);
        open = { name, version: undefined, hashes: [] };
      } else if (open !== undefined && line.startsWith("}")) {
        addProvider(open, entries);
        open = undefined;
      } else if (open !== undefined) addAttribute(open, line);
    }
    if (open !== undefined) addProvider(open, entries);
    return undefined;
  },
});

interface Provider {
  readonly name: string;
  version: string | undefined;
  readonly hashes: string[];
}

function addAttribute(open: Provider, line: string): void {
  open.version ??= /^\s*version\s*=\s*"([^"]*)"/.exec(line)?.[1];
  // Of the archive as it is downloaded; `h1:` is of what it holds, by a way of Terraform's own.
  const zip = /^\s*"zh:([0-9a-f]{64})"/.exec(line)?.[1];
  if (zip !== undefined && open.hashes.length < maxHashes) open.hashes.push(`sha256:${zip}`);
}

/** A provider has one archive for each platform: the best-served have 15. */
const maxHashes = 100;

/** One archive is one platform's: of several nobody knows which is installed. */
function addProvider({ name, version, hashes }: Provider, entries: LockEntries): void {
  if (version === undefined) entries.fault(`the provider ${JSON.stringify(name.slice(0, 80))} has no version`);
  else entries.add({ name, version, hashes: hashes.length === 1 ? prefixedHashes(hashes) : undefined });
}
