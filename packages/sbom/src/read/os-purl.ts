import { type Distribution, formatPurl, type Purl } from "@sc/model";

/** What the purl of an operating system's package is made of. */
export interface OsPackageParts {
  readonly type: "apk" | "deb" | "rpm" | "alpm" | "opkg";
  readonly name: string;
  readonly version: string;
  readonly architecture?: string | undefined;
  /** The source package, with its version where that differs, when it is not the package itself. */
  readonly upstream?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string>>;
}

/**
 * The purl of an operating system's package: the distribution is its namespace and its `distro` qualifier, as the
 * purl types apk, deb and rpm define them. Without a distribution it has neither: none is guessed.
 */
export function osPurl(parts: OsPackageParts, distribution: Distribution | undefined): Purl {
  const qualifiers: Record<string, string> = { ...parts.qualifiers };
  if (parts.architecture !== undefined) qualifiers["arch"] = parts.architecture;
  if (parts.upstream !== undefined) qualifiers["upstream"] = parts.upstream;
  if (distribution !== undefined) qualifiers["distro"] = distroQualifier(distribution);
  return formatPurl({
    type: parts.type,
    namespace: distribution?.id,
    name: parts.name,
    version: parts.version,
    qualifiers,
  });
}

/** `debian-12`, `alpine-3.20.3`; the codename where there is no version, as in Debian's testing. */
export function distroQualifier(distribution: Distribution): string {
  const release = distribution.versionId ?? distribution.versionCodename;
  return release === undefined ? distribution.id : `${distribution.id}-${release}`;
}
