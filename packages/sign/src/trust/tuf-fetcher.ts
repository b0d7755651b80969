import { mkdtemp, rm, writeFile } from "node:fs/promises";
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
