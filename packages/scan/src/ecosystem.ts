import { compareNaturally } from "./decimal.ts";
import { alpineLike } from "./ecosystems/alpine-like.ts";
import { debianLike } from "./ecosystems/debian-like.ts";
import type { Ecosystem } from "./ecosystems/ecosystem.ts";
import { languages } from "./ecosystems/languages.ts";
import { rpmLike } from "./ecosystems/rpm-like.ts";
import type { VersionScheme } from "./version-scheme.ts";
import { versionSchemes } from "./versions/index.ts";

/**
 * Every ecosystem whose advisories can be matched.
 *
 * @see https://ossf.github.io/osv-schema/#defined-ecosystems
 */
export const ecosystems: readonly Ecosystem[] = [...alpineLike, ...debianLike, ...rpmLike, ...languages];

const byName: ReadonlyMap<string, Ecosystem> = new Map(ecosystems.map((ecosystem) => [ecosystem.name, ecosystem]));

const byId: ReadonlyMap<string, VersionScheme<unknown>> = new Map(versionSchemes.map((scheme) => [scheme.id, scheme]));

/** The version scheme of an ecosystem's own ranges. */
export function schemeOf({ name, scheme: id }: Pick<Ecosystem, "name" | "scheme">): VersionScheme<unknown> {
  const scheme = byId.get(id);
  if (scheme === undefined) throw new TypeError(`the ecosystem ${name} has no version scheme`);
  return scheme;
}

/** The version scheme of the ecosystem of this name, which must be in the list. */
export function schemeCalled(name: string): VersionScheme<unknown> {
  const ecosystem = byName.get(name);
  if (ecosystem === undefined) throw new TypeError(`${name} is no ecosystem of the list`);
  return schemeOf(ecosystem);
}

/** How advisories of the given ecosystem and release are called together: `Debian:12`, `npm`. */
export function joinEcosystem(ecosystem: string, release: string): string {
  return release === "" ? ecosystem : `${ecosystem}:${release}`;
}

/**
 * The ecosystem and release that a record's `ecosystem` names; the ecosystem is absent when it is not in the list. What
 * a language's ecosystem carries behind the colon is the address of a repository, and no release.
 */
export function splitEcosystem(text: string): { readonly ecosystem: Ecosystem | undefined; readonly release: string } {
  const colon = text.indexOf(":");
  const ecosystem = byName.get(colon === -1 ? text : text.slice(0, colon));
  const hasRelease = colon !== -1 && ecosystem?.distribution !== undefined;
  return { ecosystem, release: hasRelease ? text.slice(colon + 1) : "" };
}

/** The newest of the given releases, by the numbers in their names. */
export function newestRelease(releases: readonly string[]): string | undefined {
  return releases.toSorted(compareNaturally).at(-1);
}
