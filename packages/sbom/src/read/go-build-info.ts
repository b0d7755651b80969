import { Buffer } from "node:buffer";
import { ByteFields, type ByteSource, searchBytes, searchMemory } from "./byte-fields.ts";
import { type Executable, findSection, readAddress } from "./executable.ts";
import { hasRoom, splitFirst } from "./cuts.ts";

/** A module of a Go binary, as its build info writes it. */
export interface GoModule {
  readonly path: string;
  readonly version?: string;
  readonly sum?: string;
  /** What the build took instead. */
  readonly replacedBy?: GoModule;
}

/** What `go version -m` shows of a binary. */
export interface GoBuildInfo {
  /** As Go writes it: `go1.22.3`, `go1.24.0 X:boringcrypto`. */
  readonly goVersion: string;
  /** The package of the command. */
  readonly path?: string;
  readonly main?: GoModule;
  readonly modules: readonly GoModule[];
  /** `-ldflags`, `vcs.revision` … */
  readonly settings: Readonly<Record<string, string>>;
}

const magic = Buffer.from("\u00ff Go buildinf:", "latin1");
const headerBytes = 32;
const chunkBytes = searchBytes.piece;
/** How much of a data segment is searched where no section names the place; linkers put it at the very beginning. */
const maxSearchBytes = 512 * 1_048_576;
const maxVersionBytes = 1024;
/** The largest seen, of Kubernetes, is 40 KiB. */
const maxModuleBytes = 16 * 1_048_576;
const maxModules = 100_000;

/**
 * The build info of a Go binary, in both formats (before and since Go 1.18); `undefined` where there is none, a
 * sentence where it cannot be read.
 *
 * @see https://pkg.go.dev/debug/buildinfo
 */
export function readGoBuildInfo(file: ByteSource, executable: Executable): GoBuildInfo | string | undefined {
  const at = findHeader(file, executable);
  if (at === undefined) return undefined;
  const header = file.readAt(at, headerBytes);
  if (header.length < headerBytes) return "its Go build info is cut short";
  const inline = ((header[15] ?? 0) & 2) !== 0;
  const texts = inline ? inlineTexts(file, at + headerBytes) : pointedTexts(file, executable, header);
  if (typeof texts === "string") return texts;
  const [goVersion, modules] = texts;
  if (goVersion === "") return "its Go build info names no version of Go";
  return { goVersion, ...parseModules(modules) };
}

function findHeader(file: ByteSource, executable: Executable): number | undefined {
  const section = findSection(executable, ".go.buildinfo") ?? findSection(executable, "__go_buildinfo");
  if (section !== undefined) return search(file, section.offset, section.size);
  // A binary with sections would have that one; one without, or of a linker that has no such section, is searched.
  if (executable.format !== "pe" && executable.sections.length > 0) return undefined;
  const data = executable.segments.find((segment) => segment.writable && !segment.executable);
  if (data === undefined) return undefined;
  hasRoom(data.size - 1, maxSearchBytes, "bytes of data that are searched for Go build info");
  return search(file, data.offset, Math.min(data.size, maxSearchBytes));
}

/** Where the header stands: at a multiple of 16 bytes from the start. */
function search(file: ByteSource, start: number, size: number): number | undefined {
  for (let from = 0; from < size; from += chunkBytes) {
    const view = file.readAt(start + from, Math.min(chunkBytes + headerBytes, size - from), searchMemory());
    const chunk = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    for (let at = chunk.indexOf(magic); at !== -1; at = chunk.indexOf(magic, at + 1)) {
      if ((from + at) % 16 === 0) return start + from + at;
    }
  }
  return undefined;
}

function inlineTexts(file: ByteSource, at: number): readonly [string, string] | string {
  const version = inlineText(file, at, maxVersionBytes);
  if (version === undefined) return "the version in its Go build info has no valid length";
  const modules = inlineText(file, version.end, maxModuleBytes);
  if (modules === undefined) return "the module list in its Go build info has no valid length";
  return [version.bytes.toString("utf8"), moduleText(modules.bytes)];
}

interface InlineText {
  readonly bytes: Buffer;
  readonly end: number;
}

function inlineText(file: ByteSource, at: number, maxBytes: number): InlineText | undefined {
  const prefix = file.readAt(at, 5);
  let length = 0;
  let index = 0;
  for (; index < prefix.length; index += 1) {
    const byte = prefix[index] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) break;
  }
  if (index >= prefix.length || length > maxBytes) return undefined;
  const start = at + index + 1;
  const view = file.readAt(start, length);
  if (view.length < length) return undefined;
  return { bytes: Buffer.from(view.buffer, view.byteOffset, view.byteLength), end: start + length };
}

function pointedTexts(
  file: ByteSource,
  executable: Executable,
  header: Uint8Array,
): readonly [string, string] | string {
  const pointerBytes = header[14] ?? 0;
  if (pointerBytes !== 4 && pointerBytes !== 8) return `its Go build info has pointers of ${pointerBytes} bytes`;
  const littleEndian = ((header[15] ?? 0) & 1) === 0;
  const pointed = (at: number, maxBytes: number): Buffer | undefined => {
    const read = (fields: ByteFields, place: number): number =>
      pointerBytes === 8 ? fields.u64(place) : fields.u32(place);
    const stringAt = read(new ByteFields(header, littleEndian), at);
    const head = readAddress(file, executable, { address: stringAt, length: pointerBytes * 2 });
    const fields = new ByteFields(head, littleEndian);
    const length = read(fields, pointerBytes);
    if (length > maxBytes) return undefined;
    const view = readAddress(file, executable, { address: read(fields, 0), length });
    return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  };
  const version = pointed(16, maxVersionBytes);
  const modules = pointed(16 + pointerBytes, maxModuleBytes);
  if (version === undefined || modules === undefined) return "a text in its Go build info is too long";
  return [version.toString("utf8"), moduleText(modules)];
}

/** Without the 16 bytes of framing on either side. */
function moduleText(bytes: Buffer): string {
  return bytes.length >= 33 && bytes[bytes.length - 17] === 0x0a ? bytes.toString("utf8", 16, bytes.length - 16) : "";
}

function parseModules(text: string): Omit<GoBuildInfo, "goVersion"> {
  let path: string | undefined;
  let main: GoModule | undefined;
  const modules: GoModule[] = [];
  const settings: (readonly [string, string])[] = [];
  let last: "mod" | "dep" | undefined;
  for (const line of splitFirst(text, "\n", maxModules, "lines of Go build info")) {
    const [kind, ...columns] = line.split("\t");
    if (kind === "path") path = columns[0];
    else if (kind === "mod") main = moduleOf(columns);
    else if (kind === "dep") modules.push(moduleOf(columns));
    else if (kind === "=>" && last === "mod" && main !== undefined) main = { ...main, replacedBy: moduleOf(columns) };
    else if (kind === "=>" && last === "dep") replaceLast(modules, moduleOf(columns));
    else if (kind === "build") settings.push(settingOf(columns.join("\t")));
    last = kind === "mod" || kind === "dep" ? kind : undefined;
  }
  return {
    modules,
    settings: Object.fromEntries(settings),
    ...(path === undefined ? {} : { path }),
    ...(main === undefined ? {} : { main }),
  };
}

function replaceLast(modules: GoModule[], replacedBy: GoModule): void {
  const last = modules.pop();
  if (last !== undefined) modules.push({ ...last, replacedBy });
}

function moduleOf([path = "", version = "", sum = ""]: readonly string[]): GoModule {
  return { path, ...(version === "" ? {} : { version }), ...(sum === "" ? {} : { sum }) };
}

/** `key=value`, either of them quoted as Go quotes where it has to. */
function settingOf(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  return [unquoted(text.slice(0, Math.max(0, equals))), unquoted(text.slice(equals + 1))];
}

function unquoted(text: string): string {
  if (text.startsWith("`") && text.endsWith("`") && text.length > 1) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  return text.slice(1, text.endsWith('"') ? -1 : undefined).replaceAll(/\\(["\\])/g, "$1");
}
