import { constants, gunzipSync, zstdDecompressSync } from "node:zlib";
import { formatPurl, type Problem } from "@sc/model";
import type { CapturedFile } from "@sc/rootfs";
import type { Cataloger, FoundPackage } from "../cataloger.ts";
import { defined, someProperties } from "../defined.ts";
import { readLicense } from "../license.ts";
import { asBuffer, type ByteSource } from "../read/byte-source.ts";
import { findSection, readSection } from "../read/executable.ts";
import { readElf } from "../read/elf.ts";
import { malformed, unreadable } from "../read/too-large.ts";
import { isName, isVersion, quote, shortText } from "../read/token.ts";

/** What a kernel image or a module says of itself. */
export type KernelFacts =
  | { readonly kind: "image"; readonly release: string; readonly build?: string }
  | {
      readonly kind: "module";
      readonly name: string;
      /** The kernel it was built for, where it can be read. */
      readonly release?: string;
      readonly version?: string;
      readonly license?: string;
      /** Built with the kernel itself. */
      readonly inTree: boolean;
    };

/** The largest modules, of graphics drivers, have 60 MB. */
const maxModuleBytes = 100_000_000;
/** Text about a module: name and value pairs, the largest seen has some kilobytes. */
const maxInfoBytes = 1_048_576;

/**
 * The Linux kernel, by its image or its modules, and modules that were built apart from it and have versions of their
 * own. A container runs the kernel of its host: what is found here is not what runs.
 *
 * @see https://www.kernel.org/doc/html/latest/arch/x86/boot.html
 */
export const linuxKernel: Cataloger<KernelFacts> = {
  id: "linux-kernel",
  version: 1,
  evidence: "installed",
  yieldsToOwner: true,
  among: { stems: ["vmlinuz", "bzImage"], extensions: ["ko", "gz", "zst", "xz"] },
  wants: ({ path }) => imageName.test(path) || moduleName.test(path),
  read: (file) => (moduleName.test(file.path) ? readModule(file) : readImage(file)),
  *catalog(found) {
    const kernels = new Map<string, string[]>();
    for (const [path, facts] of found) {
      const release = facts.release ?? /(?:^|\/)lib\/modules\/([^/]+)\//.exec(path)?.[1];
      if (isVersion(release)) {
        const paths = kernels.get(release) ?? [];
        // The image shows it; of the modules the first will do where there is no image.
        if (facts.kind === "image") paths.push(path);
        kernels.set(release, paths);
      }
    }
    for (const [release, images] of kernels)
      yield kernelOf(release, images.length > 0 ? images : modulesOf(release, found));
    for (const [path, facts] of found) {
      if (facts.kind === "module" && !facts.inTree && facts.version !== undefined)
        yield moduleOf(facts, facts.version, path);
    }
  },
};

const imageName = /(?:^|\/)(?:vmlinuz|bzImage)(?:[.-][^/]*)?$/;
const moduleName = /(?:^|\/)lib\/modules\/[^/]+\/.*\.ko(?:\.gz|\.zst|\.xz)?$/;

function modulesOf(release: string, found: ReadonlyMap<string, KernelFacts>): string[] {
  for (const [path, facts] of found) {
    if (facts.release === release || (facts.release === undefined && path.includes(`lib/modules/${release}/`)))
      return [path];
  }
  return [];
}

/** The set-up header of an image for x86 says where its version stands. */
function readImage(file: CapturedFile): KernelFacts | Problem | undefined {
  const header = asBuffer(file.readAt(0, 0x210));
  if (header.length < 0x210 || header.toString("latin1", 0x202, 0x206) !== "HdrS") return undefined;
  const pointer = header.readUInt16LE(0x20e);
  if (pointer === 0) return undefined;
  const text =
    asBuffer(file.readAt(pointer + 0x200, 512))
      .toString("latin1")
      .split("\0", 1)[0] ?? "";
  const release = text.split(" ", 1)[0];
  if (!isVersion(release) || !/^\d+\.\d+/.test(release))
    return malformed(file, `its kernel says its version is ${quote(text)}`);
  return defined<KernelFacts>({ kind: "image", release, build: shortText(text.slice(release.length)) });
}

function readModule(file: CapturedFile): KernelFacts | Problem | undefined {
  const name = (file.path.split("/").at(-1) ?? "").replace(/\.ko(?:\.\w+)?$/, "").replaceAll("-", "_");
  // xz is not unpacked here. The place of such a module tells the kernel that it is for.
  if (file.path.endsWith(".xz")) return { kind: "module", name, inTree: true };
  const source = unpacked(file);
  if (source === undefined) {
    return unreadable(file, `it cannot be unpacked, or not into the ${maxModuleBytes} bytes that are read of a module`);
  }
  const elf = readElf(source);
  const section = elf === undefined ? undefined : findSection(elf, ".modinfo");
  const bytes = section === undefined ? undefined : readSection(source, section, maxInfoBytes);
  if (bytes === undefined) return malformed(file, "it is no kernel module, or one that says nothing of itself");
  const info = infoOf(asBuffer(bytes).toString("latin1"));
  return defined<KernelFacts>({
    kind: "module",
    name: isName(info.get("name")) ? (info.get("name") ?? name) : name,
    release: info.get("vermagic")?.split(" ", 1)[0],
    version: isVersion(info.get("version")) ? info.get("version") : undefined,
    license: shortText(info.get("license")),
    inTree: info.get("intree") === "Y",
  });
}

/** `name=value`, each ended by a NUL; of a name that comes again the first. */
function infoOf(text: string): ReadonlyMap<string, string> {
  const info = new Map<string, string>();
  for (const pair of text.split("\0", 10_000)) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, Math.max(equals, 0));
    if (equals > 0 && !info.has(name)) info.set(name, pair.slice(equals + 1));
  }
  return info;
}

/** The module itself; `undefined` where it cannot be unpacked or is too large. */
function unpacked(file: CapturedFile): ByteSource | undefined {
  const packing = /\.(gz|zst)$/.exec(file.path)?.[1];
  if (packing === undefined) return file;
  if (file.size > maxModuleBytes) return undefined;
  try {
    const packed = file.bytes(maxModuleBytes);
    const bytes =
      packing === "gz"
        ? gunzipSync(packed, { maxOutputLength: maxModuleBytes })
        : zstdDecompressSync(packed, {
            maxOutputLength: maxModuleBytes,
            params: { [constants.ZSTD_d_windowLogMax]: 27 },
          });
    return { size: bytes.length, readAt: (offset, length) => bytes.subarray(offset, offset + length) };
  } catch {
    return undefined;
  }
}

function kernelOf(release: string, paths: readonly string[]): FoundPackage {
  return {
    kind: "package",
    type: "generic",
    name: "linux-kernel",
    version: release,
    purl: formatPurl({ type: "generic", name: "linux-kernel", version: release }),
    paths,
    licenses: [{ declared: "GPL-2.0-only", expression: "GPL-2.0-only" }],
    cpes: cpeOf(release),
    provides: [`linux-kernel@${release}`],
  };
}

/** By the version that its makers gave it, without what the distribution put behind. */
function cpeOf(release: string): string[] {
  const version = /^\d+\.\d+(?:\.\d+)?/.exec(release)?.[0] ?? "-";
  return [`cpe:2.3:o:linux:linux_kernel:${version}:*:*:*:*:*:*:*`];
}

function moduleOf(facts: Extract<KernelFacts, { kind: "module" }>, version: string, path: string): FoundPackage {
  const license = facts.license === undefined ? undefined : readLicense(facts.license);
  return defined<FoundPackage>({
    kind: "package",
    type: "generic",
    name: facts.name,
    version,
    purl: formatPurl({ type: "generic", name: facts.name, version }),
    paths: [path],
    licenses: license === undefined ? [] : [license],
    properties: someProperties({ "kernel:module-of": facts.release }),
    dependsOn: facts.release === undefined ? undefined : [`linux-kernel@${facts.release}`],
  });
}
