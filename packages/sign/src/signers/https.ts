import { type HttpClient, readBody, redactUrl } from "@sc/http";
import { isScError, ScError } from "@sc/model";
import type { KeyReferenceOptions, SignerScheme } from "../key-reference.ts";
import { signLimits } from "../limits.ts";
import { parsePublicKeys, type PublicKey } from "../public-key.ts";
import type { Signer } from "../signer.ts";

/** Public keys on a web server, over TLS only. Private keys are never fetched. */
export const httpsScheme: SignerScheme = {
  id: "https",
  form: "https://HOST/PATH (public keys)",
  claims: (reference) => /^https:\/\//i.test(reference),
  openSigner(reference: string): Promise<Signer> {
    throw new ScError("KEY_REFERENCE_UNSUPPORTED", `${redactUrl(reference)}: a private key is never fetched`, {
      hint: "Give the private key as a file or env://NAME.",
    });
  },
  async readPublicKeys(reference: string, options: KeyReferenceOptions): Promise<readonly PublicKey[]> {
    const where = redactUrl(reference);
    if (options.client === undefined) {
      throw new ScError("KEY_NOT_FOUND", `${where}: there is nothing to fetch it with`, {
        hint: "Pass a client for requests.",
      });
    }
    return parsePublicKeys(await fetchKeys(options.client, reference, options), where);
  },
};

async function fetchKeys(client: HttpClient, url: string, call: KeyReferenceOptions): Promise<Uint8Array> {
  const where = redactUrl(url);
  try {
    const { signal, onProgress } = call;
    const response = await client.request({ url, signal, onProgress });
    const body = await readBody(response, { maxBytes: signLimits.maxKeyFileBytes });
    // The client follows no redirect that leaves TLS.
    if (response.status === 200) return body;
    throw new ScError("KEY_NOT_FOUND", `${where}: answered ${response.status} when asked for a public key`);
  } catch (error) {
    if (!isScError(error) || error.code !== "BODY_TOO_LARGE") throw error;
    throw new ScError("KEY_INVALID", `${where}: too large for a key file`, { cause: error });
  }
}
