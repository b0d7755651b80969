import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { limits } from "../limits.ts";
import { Copies } from "../read/copies.ts";
import { malformed, tooLarge } from "../read/too-large.ts";
import { isName, isVersion, shortText } from "../read/token.ts";
import { defined } from "../defined.ts";
import { splitFirst } from "../read/cuts.ts";

/** What an application's resource file says. */
export interface ErlangFacts {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly requires: readonly string[];
}

/** What comes with Erlang/OTP and Elixir themselves, and not from Hex. */
const ownApplications: ReadonlySet<string> = new Set(
  (
    "asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit ftp " +
    "inets jinterface kernel megaco mnesia observer odbc os_mon parsetools public_key reltool runtime_tools sasl snmp " +
    "ssh ssl stdlib syntax_tools tftp tools wx xmerl elixir eex ex_unit iex logger mix"
  ).split(" "),
);

/**
 * Erlang and Elixir applications, by the resource files that the runtime loads them by: releases have nothing else.
 *
 * @see https://www.erlang.org/doc/apps/kernel/app.html
 */
export const erlangApplications: Cataloger<ErlangFacts> = {
  id: "erlang-applications",
  version: 1,
  evidence: "installed",
  among: { extensions: ["app"] },
  wants: (file) => file.path.endsWith(".app") && file.path.split("/").at(-2) === "ebin",
  read: (file) => tooLarge(file, limits.maxManifestBytes) ?? readResource(file),
  *catalog(found) {
    // An application lies in `<libraries>/<name>-<version>/ebin`.
    const copies = new Copies((path) => path.split("/").slice(0, -3).join("/"));
    for (const [path, { name }] of found) copies.add(name, path);
    for (const [path, facts] of found) yield packageOf(facts, path, copies);
  },
};

function readResource(file: CapturedFile): ErlangFacts | Problem {
  const text = splitFirst(file.text(limits.maxManifestBytes), "\n", limits.maxRecords, "lines")
    .filter((line) => !line.trimStart().startsWith("%"))
    .join("\n");
  const name = /^\s*\{\s*application\s*,\s*'?([a-z][A-Za-z0-9_@]*)'?\s*,/.exec(text)?.[1];
  const version = textOf(text, "vsn");
  if (!isName(name)) return malformed(file, "no application of Erlang");
  if (!isVersion(version)) return malformed(file, `the application ${JSON.stringify(name)} has no valid version`);
  const requires = splitFirst(listIn(text, "applications"), ",", limits.maxNames, "applications it depends on")
    .map((one) => one.trim().replaceAll("'", ""))
    .filter((one) => /^[a-z][A-Za-z0-9_@]*$/.test(one));
  return defined<ErlangFacts>({ name, version, description: shortText(textOf(text, "description")), requires });
}

/** `{vsn,"1.2"}`; in resource files of releases the text may be a binary, `<<"1.2">>`. */
function textOf(text: string, key: string): string | undefined {
  const at = text.search(new RegExp(`\\{\\s*${key}\\s*,`));
  return at === -1 ? undefined : /^\{\s*\w+\s*,\s*(?:<<)?"([^"\\]*)"/.exec(text.slice(at))?.[1];
}

/** `{applications,[kernel,stdlib]}` */
function listIn(text: string, key: string): string {
  const at = text.search(new RegExp(`\\{\\s*${key}\\s*,`));
  const start = at === -1 ? -1 : text.indexOf("[", at);
  const end = start === -1 ? -1 : text.indexOf("]", start);
  return end === -1 ? "" : text.slice(start + 1, end);
}

function packageOf({ name, version, description, requires }: ErlangFacts, path: string, copies: Copies): FoundPackage {
  const type = ownApplications.has(name) ? "otp" : "hex";
  return defined<FoundPackage>({
    kind: "package",
    type,
    name,
    version,
    purl: formatPurl({ type, name, version }),
    paths: [path],
    licenses: [],
    description,
    dependsOnPaths: copies.allMeant(requires, path),
  });
}
