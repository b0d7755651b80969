/** What a timestamp is asked for with, by the names of Sigstore's JSON interface. */
export interface TimestampQuery {
  readonly artifactHash: string;
  readonly hashAlgorithm: string;
  readonly nonce: number;
  readonly certificates: boolean;
}

/**
 * Reads a TimeStampReq in DER as strictly as an authority does. Throws for anything else.
 *
 * @see RFC 3161, section 2.4.1
 */
export function decodeTimestampQuery(bytes: Uint8Array): TimestampQuery {
  const [query, ...after] = elements(bytes);
  const [version, imprint, nonce, certificates, ...more] = elements(contentOf(query, 0x30));
  if (after.length + more.length > 0 || Buffer.from(contentOf(version, 0x02)).readUInt8() !== 1) throw malformed();
  const [algorithm, hash] = elements(contentOf(imprint, 0x30));
  const [identifier] = elements(contentOf(algorithm, 0x30));
  if (Buffer.from(contentOf(identifier, 0x06)).toString("hex") !== "608648016503040201") throw malformed();
  return {
    artifactHash: Buffer.from(contentOf(hash, 0x04)).toString("base64"),
    hashAlgorithm: "sha256",
    nonce: Number(`0x${Buffer.from(contentOf(nonce, 0x02)).toString("hex")}`),
    certificates: contentOf(certificates, 0x01)[0] === 0xff,
  };
}

interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

// The elements that follow each other; of no more than 127 bytes each, which is enough for a request.
function elements(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const [tag = 0, length = 0x80] = bytes.subarray(at);
    const content = bytes.subarray(at + 2, at + 2 + length);
    if (length > 0x7f || content.length !== length) throw malformed();
    found.push({ tag, content });
    at += 2 + length;
  }
  return found;
}

function contentOf(element: Element | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw malformed();
  return element.content;
}

function malformed(): TypeError {
  return new TypeError("no timestamp request");
}
