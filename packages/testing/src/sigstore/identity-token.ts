import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** An identity provider: signs tokens, and tells its own. */
export interface TokenIssuer {
  /** A token with these claims, signed. */
  issue(claims: Readonly<Record<string, unknown>>): string;
  /** The claims of a token. Throws for one that it did not sign. */
  read(token: string): Readonly<Record<string, unknown>>;
}

/** An issuer with a fresh key (ES256). */
export function createTokenIssuer(): TokenIssuer {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { issue: (claims) => issue(claims, privateKey), read: (token) => read(token, publicKey) };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function issue(claims: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const content = `${encode({ alg: "ES256", typ: "JWT" })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
  return `${content}.${signature.toString("base64url")}`;
}

function read(token: string, key: KeyObject): Readonly<Record<string, unknown>> {
  const [header = "", claims = "", signature = ""] = token.split(".");
  const content = Buffer.from(`${header}.${claims}`);
  const holds = verify("sha256", content, { key, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
  if (!holds) throw new TypeError("the token is not signed by the issuer");
  return JSON.parse(Buffer.from(claims, "base64url").toString());
}
