import type { Cataloger } from "../cataloger.ts";
import { hexHash } from "../read/integrity.ts";
import { objectMember, stringMember } from "../read/json-file.ts";
import { isNamed, lockCataloger, type LockFacts } from "../read/lock-file.ts";
import { gitPlace } from "../read/git-place.ts";
import { openToml, tablesOf, textsOf } from "../read/tree-file.ts";

/**
 * What Cargo would build, by Cargo.lock of every version. Crates of the workspace itself have no source, and say so as
 * `cargo:local`.
 *
 * @see https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html
 */
export const cargoLock: Cataloger<LockFacts> = lockCataloger({
  id: "cargo-lock",
  version: 1,
  type: "cargo",
  among: { names: ["Cargo.lock"] },
  wants: (path) => isNamed(path, "Cargo.lock"),
  open: openToml,
  collect: (lock, entries) => {
    const metadata = objectMember(lock, "metadata") ?? {};
    for (const entry of tablesOf(lock, "package")) {
      const name = stringMember(entry, "name") ?? "";
      const version = stringMember(entry, "version") ?? "";
      const source = stringMember(entry, "source");
      const checksum =
        stringMember(entry, "checksum") ?? stringMember(metadata, `checksum ${name} ${version} (${source ?? ""})`);
      const hash = hexHash("sha256", checksum);
      entries.add({
        name,
        version,
        keys: [name, `${name} ${version}`, `${name} ${version} (${source ?? ""})`],
        dependsOn: textsOf(entry, "dependencies"),
        hashes: hash === undefined ? undefined : [hash],
        vcs: source?.startsWith("git+") === true ? gitPlace(source, source.split("#")[1]) : undefined,
        properties: source === undefined ? { "cargo:local": "true" } : undefined,
      });
    }
    return undefined;
  },
});
