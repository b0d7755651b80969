import { isLoopbackHost, type HttpClient, type HttpResponse, readBody, redactUrl } from "@sc/http";
import { type Call, ScError } from "@sc/model";
import { maxIndexBytes, maxSignatureBytes } from "../../limits.ts";
import { type DatabaseSource, signatureFileName, type SignedIndex, wireFile } from "../distribution.ts";
import { indexFileName } from "../layout.ts";
import { unreachable } from "./folder.ts";

/** What `openDatabaseMirror` opens, which see. */
export function openWebMirror(address: string, client: HttpClient): DatabaseSource {
  const base = readAddress(address);
  const name = redactUrl(base);
  const request = async (file: string, call: Call, headers: Readonly<Record<string, string>> = {}) => {
    const { signal, onProgress } = call;
    return await client.request({ url: new URL(file, base), headers, signal, onProgress });
  };
  return {
    name,
    // A password in the address is not written down.
    ...(base.username === "" && base.password === "" ? { place: { kind: "mirror", at: base.href } as const } : {}),
    fetchIndex: async ({ etag, ...call } = {}) => {
      const answer = await request(indexFileName, call, etag === undefined ? {} : { "if-none-match": etag });
      if (answer.status === 304 && etag !== undefined) {
        await answer[Symbol.asyncDispose]();
        return undefined;
      }
      const bytes = await readBody(await found(answer, name, indexFileName), { maxBytes: maxIndexBytes });
      const signature = await fetchSignature(await request(signatureFileName, call), name);
      const tag = answer.headers["etag"];
      const index: SignedIndex = {
        bytes,
        ...(signature === undefined ? {} : { signature }),
        ...(tag === undefined || tag.length > 200 ? {} : { etag: tag }),
      };
      return index;
    },
    openShard: async (file, call = {}) => (await found(await request(wireFile(file), call), name, wireFile(file))).body,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

// The files are found beside each other, whether or not the address ends with a slash.
function readAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackHost(url.hostname));
  if (url === undefined || !isSafe || url.search !== "" || url.hash !== "") {
    throw new ScError("URL_INVALID", `${redactUrl(address)}: not the https:// address of a mirror`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

async function fetchSignature(answer: HttpResponse, name: string): Promise<Uint8Array | undefined> {
  if (answer.status === 404) {
    await answer[Symbol.asyncDispose]();
    return undefined;
  }
  return await readBody(await found(answer, name, signatureFileName), { maxBytes: maxSignatureBytes });
}

async function found(answer: HttpResponse, name: string, file: string): Promise<HttpResponse> {
  if (answer.status === 200) return answer;
  await answer[Symbol.asyncDispose]();
  throw unreachable(name, `${file} was answered with status ${answer.status}`);
}
