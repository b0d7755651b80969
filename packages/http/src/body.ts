import { ScError } from "@sc/model";
import type { HttpResponse } from "./message.ts";
import { redactUrl } from "./redact.ts";

/** How much of a body is read. */
export interface ReadBodyOptions {
  readonly maxBytes: number;
}

/**
 * The whole body of an answer, at most `maxBytes` of it.
 *
 * Throws `BODY_TOO_LARGE` (before reading when the header already says so), `CONTENT_ENCODING_REFUSED` when it is
 * compressed although nobody asked for that, and what reading a body throws. Either way the answer is done with.
 */
export async function readBody(response: HttpResponse, { maxBytes }: ReadBodyOptions): Promise<Uint8Array> {
  await using _ = response;
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new ScError(
      "CONTENT_ENCODING_REFUSED",
      `${redactUrl(response.url)}: the answer is encoded as ${JSON.stringify(encoding.slice(0, 40))}, wanted it as it is`,
      { hint: "Have the server or the proxy in between respect Accept-Encoding: identity." },
    );
  }
  const tooLarge = (size: string): ScError =>
    new ScError(
      "BODY_TOO_LARGE",
      `${redactUrl(response.url)}: the answer has ${size} bytes, at most ${maxBytes} are read`,
    );
  const declared = Number(response.headers["content-length"] ?? "0");
  if (declared > maxBytes) throw tooLarge(String(declared));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(`more than ${maxBytes}`);
    chunks.push(chunk);
  }
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, length);
}
