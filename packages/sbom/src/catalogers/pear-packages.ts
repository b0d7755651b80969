import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined } from "../defined.ts";
import { readLicenses } from "../license.ts";
import { limits } from "../limits.ts";
import { firstOf } from "../read/cuts.ts";
import { parsePhpSerialized, type PhpValue } from "../read/php-serialized.ts";
import { unreadable, tooLarge } from "../read/too-large.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";

/** What the registry says of one package. */
export interface PearFacts {
  readonly name: string;
  readonly version: string;
  /** Where it is published: `pecl.php.net`. */
  readonly channel: string;
  readonly license?: string;
  readonly summary?: string;
  readonly files: readonly string[];
  readonly requires: readonly string[];
}

/**
 * PHP extensions and libraries that the `pecl` and `pear` commands installed, by PEAR's registry: one record a package,
 * in the folder of its channel.
 *
 * @see https://pear.php.net/manual/en/guide.users.commandline.config.php
 */
export const pearPackages: Cataloger<PearFacts> = {
  id: "pear-packages",
  version: 1,
  evidence: "installed",
  among: { extensions: ["reg"] },
  wants: ({ path }) => path.endsWith(".reg") && place.test(path),
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readRecord(file),
  *catalog(found) {
    for (const [path, facts] of found) yield packageOf(facts, path);
  },
};

const place = /(?:^|\/)\.registry\/(?:\.channel\.([^/]+)\/)?[^/]+\.reg$/;

function readRecord(file: CapturedFile): PearFacts | Problem {
  const record = parsePhpSerialized(file.bytes(limits.maxManifestBytes));
  if (record === undefined) return unreadable(file, "no value that PHP's serialize wrote");
  const name = textOf(memberOf(record, "name")) ?? textOf(memberOf(record, "package"));
  const version = textOf(memberOf(memberOf(record, "version"), "release")) ?? textOf(memberOf(record, "version"));
  if (!isName(name) || !isVersion(version)) {
    return unreadable(file, `name ${quote(name)} and version ${quote(version)} are not those of a package`);
  }
  const channel = textOf(memberOf(record, "channel")) ?? place.exec(file.path)?.[1] ?? "pear.php.net";
  const license = memberOf(record, "license");
  return defined<PearFacts>({
    name,
    version,
    channel: isName(channel) ? channel : "pear.php.net",
    license: shortText(textOf(license) ?? textOf(memberOf(license, "_content"))),
    summary: shortText(textOf(memberOf(record, "summary"))),
    files: filesOf(memberOf(record, "filelist")),
    requires: requirementsOf(memberOf(memberOf(record, "dependencies"), "required")),
  });
}

function memberOf(value: PhpValue | undefined, name: string): PhpValue | undefined {
  return typeof value === "object" && value !== null ? value.get(name) : undefined;
}

function textOf(value: PhpValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Where its files were put, without leading slashes. */
function filesOf(list: PhpValue | undefined): string[] {
  const entries = typeof list === "object" && list !== null ? [...list.values()] : [];
  return entries
    .flatMap((entry) => textOf(memberOf(entry, "installed_as")) ?? [])
    .filter((path) => path.startsWith("/") && path.length <= limits.maxPathChars)
    .map((path) => path.slice(1))
    .toSorted();
}

/** One package is written as it is, several as a list of them. */
function requirementsOf(required: PhpValue | undefined): readonly string[] {
  const packages = memberOf(required, "package");
  const all = typeof packages === "object" && packages !== null ? [packages, ...packages.values()] : [];
  const names = all.flatMap((one) => textOf(memberOf(one, "name")) ?? []).filter(isName);
  return firstOf(names, limits.maxNames, "names that one package depends on");
}

function packageOf(facts: PearFacts, path: string): FoundPackage {
  const { name, version, channel, license, summary, files, requires } = facts;
  return defined<FoundPackage>({
    kind: "package",
    type: "pear",
    name,
    version,
    purl: formatPurl({ type: "pear", namespace: channel, name, version }),
    paths: [path],
    licenses: license === undefined ? [] : readLicenses([license]),
    description: summary,
    files: files.length === 0 ? undefined : files,
    dependsOn: requires,
  });
}
