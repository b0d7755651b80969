import { type Descriptor, type Platform, ScError } from "@sc/model";
import { isIndexMediaType, isManifestMediaType } from "./media-type.ts";

const architectureNames: Readonly<Record<string, string>> = {
  i386: "386",
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  armhf: "arm",
  armel: "arm",
};

const nodeArchitectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** What runs here when images are at hand for several platforms: Linux, save on Windows, where containers can be both. */
export function hostPlatform(): Platform {
  const os = process.platform === "win32" ? "windows" : "linux";
  const architecture: string = process.arch;
  return normalizePlatform({ os, architecture: nodeArchitectures[architecture] ?? architecture });
}

/** The platform `os/architecture[/variant]` names, normalised. Throws `PLATFORM_INVALID`. */
export function parsePlatform(text: string): Platform {
  const parts = text.split("/");
  const [os, architecture, variant] = parts;
  const good = parts.length >= 2 && parts.length <= 3 && parts.every((part) => /^[A-Za-z0-9_.-]{1,64}$/.test(part));
  if (!good || os === undefined || architecture === undefined) {
    throw new ScError("PLATFORM_INVALID", `platform ${JSON.stringify(text.slice(0, 120))}: is not os/arch[/variant]`, {
      hint: "Write it as linux/amd64 or linux/arm/v7.",
    });
  }
  return normalizePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) });
}

/** The text of a platform, as `--platform` takes it. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform);
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/**
 * A platform in the one form in which platforms can be compared: lower case, other tools' names replaced, the variant
 * left out where it is the architecture's default (amd64 v1, arm64 v8) and put in where it is not (arm is v7).
 *
 * @see https://github.com/containerd/platforms/blob/v1.0.0/database.go
 */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === "macos" ? "darwin" : platform.os.toLowerCase();
  const named = platform.architecture.toLowerCase();
  const architecture = Object.hasOwn(architectureNames, named) ? (architectureNames[named] ?? named) : named;
  const variant = normalizeVariant(architecture, named === "armel" ? "v6" : platform.variant?.toLowerCase());
  const osVersion = platform["os.version"];
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { "os.version": osVersion }),
  };
}

function normalizeVariant(architecture: string, written: string | undefined): string | undefined {
  const variant = written === undefined || written === "" ? undefined : written.replace(/^(?=[0-9])/, "v");
  if (architecture === "arm") return variant ?? "v7";
  if (architecture === "arm64" && variant === "v8") return undefined;
  if (architecture === "amd64" && variant === "v1") return undefined;
  return variant;
}

/**
 * The variants that run on a platform, the best first: its own and the older ones of the same architecture. Another
 * architecture is never taken, although some arm64 machines would run arm.
 */
function runnableVariants(platform: Platform): readonly (string | undefined)[] {
  const level = /^v([0-9])$/.exec(platform.variant ?? "")?.[1];
  if (level === undefined) return [platform.variant];
  const lowest = platform.architecture === "arm" ? 5 : platform.architecture === "amd64" ? 2 : Number(level);
  const variants: (string | undefined)[] = [platform.variant];
  for (let next = Number(level) - 1; next >= lowest; next -= 1) variants.push(`v${next}`);
  if (platform.architecture === "amd64") variants.push(undefined);
  return variants;
}

/** A manifest of an index together with the platform it is for. */
export interface PlatformManifest {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
}

/** The manifest that runs best on a platform, or `undefined` when none does. The earlier one wins among equals. */
export function matchPlatform<Entry extends { readonly platform: Platform }>(
  entries: readonly Entry[],
  wanted: Platform,
): Entry | undefined {
  const { os, architecture, ...rest } = normalizePlatform(wanted);
  for (const variant of runnableVariants({ os, architecture, ...rest })) {
    const found = entries.find((entry) => {
      const platform = normalizePlatform(entry.platform);
      return platform.os === os && platform.architecture === architecture && platform.variant === variant;
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Whether an entry of an index may be an image: neither an attestation nor a signature kept beside the images, nor an
 * artifact, nor of a type that is not read here.
 */
export function mayBeImage(entry: Descriptor): boolean {
  if (!isManifestMediaType(entry.mediaType) || entry.artifactType !== undefined) return false;
  if (entry.annotations?.["vnd.docker.reference.type"] !== undefined) return false;
  const kind = entry.annotations?.["kind"];
  if (kind === "dev.cosignproject.cosign/sigs" || kind === "dev.cosignproject.cosign/atts") return false;
  const platform = entry.platform;
  if (platform === undefined || isIndexMediaType(entry.mediaType)) return true;
  return platform.os !== "unknown" || platform.architecture !== "unknown";
}

/**
 * The manifest for the platform asked for; without one, for the first of `defaults` that is there. Throws
 * `PLATFORM_NOT_FOUND`, listing what is there.
 */
export function selectPlatform<Entry extends { readonly platform: Platform }>(
  entries: readonly Entry[],
  options: { readonly wanted?: Platform | undefined; readonly where: string },
): Entry {
  const { wanted, where } = options;
  const candidates = wanted === undefined ? [hostPlatform(), { os: "linux", architecture: "amd64" }] : [wanted];
  for (const candidate of candidates) {
    const found = matchPlatform(entries, candidate);
    if (found !== undefined) return found;
  }
  const there = [...new Set(entries.map((entry) => formatPlatform(entry.platform)))];
  const list = there.length === 0 ? "it holds no image" : `it has ${there.slice(0, 40).join(", ")}`;
  const asked = [...new Set(candidates.map(formatPlatform))].join(" or ");
  const hint = "Name one of them with --platform, or take all with --all-platforms.";
  throw new ScError(
    "PLATFORM_NOT_FOUND",
    `${where}: no image for ${asked}; ${list}`,
    there.length === 0 ? {} : { hint },
  );
}
