import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { InputStream, OutputStream } from "../main.ts";

/** Asks a question on the terminal; what is typed is not shown. */
export async function askSecret(
  question: string,
  streams: { readonly stdin: InputStream; readonly stderr: OutputStream; readonly signal: AbortSignal },
): Promise<string> {
  const { stdin, stderr, signal } = streams;
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: nowhere, terminal: true });
  stderr.write(question);
  try {
    return await reader.question("", { signal });
  } finally {
    reader.close();
    stderr.write("\n");
  }
}
