import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HttpClient, readBody } from "@sc/http";
import { type Call, hasCode } from "@sc/model";

/** How the TUF client gets its files. */
export interface TufFetcher {
  downloadBytes(url: string, maxLength: number): Promise<Buffer>;
  downloadFile<Result>(url: string, maxLength: number, handler: (path: string) => Promise<Result>): Promise<Result>;
}

/** The error by which the TUF client tells a file that is not there from a failure. */
export type TufStatusError = new (message: string, status: number) => Error;

/**
 * Gets TUF's files through our client, with its proxies, certificates, bounds and its refusal when offline. The TUF
 * library's own goes through the global `fetch`, which knows none of them.
 */
export function createTufFetcher(client: HttpClient, StatusError: TufStatusError, call: Call): TufFetcher {
  const downloadBytes = async (url: string, maxLength: number): Promise<Buffer> => {
    const response = await client.request({ url, ...call });
    if (response.status !== 200) {
      await response[Symbol.asyncDispose]();
      throw new StatusError(`${new URL(url).pathname}: answered ${response.status}`, response.status);
    }
    try {
      return Buffer.from(await readBody(response, { maxBytes: maxLength }));
    } catch (error) {
      // What the mirror sends is wrong then, not the way to it.
      if (!hasCode(error, "BODY_TOO_LARGE")) throw error;
      throw new Error(error.message, { cause: error });
    }
  };
  return fetcherOf(downloadBytes);
}

/**
 * Gives the files that an earlier refresh has kept in a folder, as a mirror would that has nothing newer. Nothing is
 * asked of anybody; what the files are worth, the TUF client verifies as if they came from afar.
 */
export function createKeptFetcher(folder: string, StatusError: TufStatusError): TufFetcher {
  return fetcherOf(async (url, maxLength) => {
    const name = keptName(new URL(url).pathname);
    if (name === undefined) throw new StatusError(`${new URL(url).pathname}: nothing newer is kept`, 404);
    const bytes = await readFile(join(folder, name));
    if (bytes.length > maxLength) throw new Error(`${name}: ${bytes.length} bytes; at most ${maxLength}`);
    return bytes;
  });
}

// With their versions or digests before them on a mirror, without in the folder; a root that follows is never there.
function keptName(path: string): string | undefined {
  if (/\/targets\/[^/]+$/.test(path)) {
    const [name = ""] = /(?:trusted_root|signing_config\.v0\.2)\.json$/.exec(path) ?? [];
    return name === "" ? undefined : `target.${name}`;
  }
  const [, name] = /\/(?:\d+\.)?((?:timestamp|snapshot|targets)\.json)$/.exec(path) ?? [];
  return name;
}

function fetcherOf(downloadBytes: TufFetcher["downloadBytes"]): TufFetcher {
  return {
    downloadBytes,
    async downloadFile(url, maxLength, handler) {
      const bytes = await downloadBytes(url, maxLength);
      const folder = await mkdtemp(join(tmpdir(), "sc-tuf-"));
      try {
        const path = join(folder, "target");
        await writeFile(path, bytes);
        return await handler(path);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
