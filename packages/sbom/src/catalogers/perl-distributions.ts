import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readJsonObject, stringMember } from "../read/json-file.ts";
import { malformed } from "../read/too-large.ts";
import { isName, isVersion } from "../read/token.ts";

/** What cpanm and its kin note of a distribution that they install. */
export interface PerlFacts {
  readonly name: string;
  readonly version: string;
  readonly author?: string;
}

/** Distributions of CPAN, by the notes that cpanm and Module::Build leave in `.meta` folders. */
export const perlDistributions: Cataloger<PerlFacts> = {
  id: "perl-distributions",
  version: 1,
  evidence: "installed",
  among: { names: ["install.json"] },
  wants: (file) => /\/\.meta\/[^/]+\/install\.json$/.test(file.path),
  read: readNote,
  *catalog(found) {
    for (const [path, facts] of found) yield packageOf(facts, path);
  },
};

function readNote(file: CapturedFile): PerlFacts | Problem {
  const document = readJsonObject(file);
  if ("kind" in document) return document;
  const { json } = document;
  // The name is of a module; the distribution's is that of its archive, `Some-Module-1.02`.
  const [, name, version] =
    /^([A-Za-z][A-Za-z0-9_.+-]*)-(v?[0-9][0-9._]*)/.exec(stringMember(json, "dist") ?? "") ?? [];
  if (!isName(name) || !isVersion(version)) return malformed(file, "it names no distribution");
  const author = /^[A-Z]\/[A-Z]{2}\/([A-Z0-9-]{1,40})\//.exec(stringMember(json, "pathname") ?? "")?.[1];
  return defined<PerlFacts>({ name, version, author });
}

function packageOf({ name, version, author }: PerlFacts, path: string): FoundPackage {
  return defined<FoundPackage>({
    kind: "package",
    type: "cpan",
    name,
    version,
    purl: formatPurl({ type: "cpan", namespace: author, name, version }),
    paths: [path],
    licenses: [],
    supplier: author,
  });
}
