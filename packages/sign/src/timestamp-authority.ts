import { createHash, randomInt } from "node:crypto";
import type { HttpClient } from "@sc/http";
import type { Call } from "@sc/model";
import { encodeBase64 } from "./base64.ts";
import { askService, serviceUrl } from "./exchange.ts";
import type { Testimony, Witness, WitnessedSignature } from "./witness.ts";

/** Which timestamp authority is asked. */
export interface TimestampAuthorityOptions {
  readonly url: string;
  readonly client: HttpClient;
}

/**
 * A timestamp authority of Sigstore as witness: its time is over the signature. Throws `SIGNING_SERVICE_REFUSED` and
 * what requests throw.
 *
 * @see RFC 3161 and https://github.com/sigstore/timestamp-authority
 */
export function createTimestampWitness({ url, client }: TimestampAuthorityOptions): Witness {
  return {
    async testify({ signature }: WitnessedSignature, call: Call = {}): Promise<Testimony> {
      const artifactHash = encodeBase64(createHash("sha256").update(signature.bytes).digest());
      const body = { artifactHash, hashAlgorithm: "sha256", certificates: true, nonce: randomInt(2 ** 47) };
      const at = serviceUrl(url, "/api/v1/timestamp");
      const timestamp = await askService({
        client,
        service: "timestamp authority",
        url: at,
        body: JSON.stringify(body),
        ...call,
      });
      return { logEntries: [], timestamps: [timestamp] };
    },
  };
}
