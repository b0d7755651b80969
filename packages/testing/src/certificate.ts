import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A certificate with its key and the authority's certificate, all PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly privateKey: string;
  readonly caCertificate: string;
}

/** What a certificate is to say. */
export interface CertificateRequest {
  /** Host names and IPv4 addresses it is for. Default: localhost and 127.0.0.1. */
  readonly names?: readonly string[];
  /** Default: 2020-01-01. */
  readonly notBefore?: Date;
  /** Default: 2099-12-31. */
  readonly notAfter?: Date;
}

/** A certificate authority of one test. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** A certificate for servers and clients alike, with a fresh key. */
  issue(request: CertificateRequest): TlsIdentity;
}

/** A certificate authority with a fresh P-256 key, good from 2020 to 2099. */
export function createAuthority(name = "Test authority"): CertificateAuthority {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name, key: pair.privateKey };
  const constraints = extension(oids.basicConstraints, sequence(boolean(true)));
  const certificate = writeCertificate({
    serial: 1,
    name,
    publicKey: pair.publicKey,
    issuer,
    extensions: [constraints],
  });
  let serial = 1;
  return {
    certificate,
    issue({ names = ["localhost", "127.0.0.1"], notBefore, notAfter }): TlsIdentity {
      serial += 1;
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const extensions = [extension(oids.subjectAltName, sequence(...names.map(generalName)))];
      const subject = names[0] ?? "nobody";
      return {
        certificate: writeCertificate({ serial, name: subject, publicKey, issuer, extensions, notBefore, notAfter }),
        privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        caCertificate: certificate,
      };
    },
  };
}

const oids = {
  commonName: "550403",
  basicConstraints: "551d13",
  subjectAltName: "551d11",
  ecdsaWithSha256: "2a8648ce3d040302",
} as const;

interface CertificateContent {
  readonly serial: number;
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Buffer[];
  readonly notBefore?: Date | undefined;
  readonly notAfter?: Date | undefined;
}

// X.509 version 3, RFC 5280 section 4.1. Node can read certificates but not write them.
function writeCertificate(content: CertificateContent): string {
  const { serial, publicKey, issuer, extensions } = content;
  const { notBefore = new Date("2020-01-01T00:00:00Z"), notAfter = new Date("2099-12-31T00:00:00Z") } = content;
  const algorithm = sequence(oid(oids.ecdsaWithSha256));
  const signed = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([serial])),
    algorithm,
    distinguishedName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    distinguishedName(content.name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  const der = sequence(signed, algorithm, bits(sign("sha256", signed, issuer.key)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from([body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, body]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 255 : 0]));
}

function bits(bytes: Uint8Array): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

function time(date: Date): Buffer {
  // GeneralizedTime: UTCTime ends in 2049.
  const text = date.toISOString().replaceAll(/[-:T]/g, "").slice(0, 14);
  return tagged(0x18, Buffer.from(`${text}Z`));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(oids.commonName), tagged(0x0c, Buffer.from(commonName)))));
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), tagged(0x04, value));
}

function generalName(name: string): Buffer {
  return /^\d+(?:\.\d+){3}$/.test(name)
    ? tagged(0x87, Buffer.from(name.split(".").map(Number)))
    : tagged(0x82, Buffer.from(name));
}
