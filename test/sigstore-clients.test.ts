import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { isJsonArray, isJsonObject, isScError, type JsonObject, type JsonValue, parseJson } from "@sc/model";
import {
  type BundleSubject,
  decodeTrustRoot,
  parsePublicKeys,
  type PublicKey,
  type SignerPolicy,
  type TrustRoot,
  type VerifiedBundle,
  verifyBundle,
} from "@sc/sign";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";

const folder = dataFolder("sigstore");

interface DataFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly document: JsonObject;
}

function filesIn(name: string): readonly string[] {
  const root = dataFolder(`sigstore/${name}`);
  if (root === undefined) return [];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => join(root, file))
    .filter((path) => statSync(path).isFile())
    .toSorted();
}

function readDocument(path: string): readonly DataFile[] {
  const bytes = readFileSync(path);
  try {
    const document = parseJson(bytes, path);
    return isJsonObject(document) ? [{ path, bytes, document }] : [];
  } catch (error) {
    if (isScError(error)) return [];
    throw error;
  }
}

function memberOf(value: JsonValue | undefined, ...names: readonly (string | number)[]): JsonValue | undefined {
  let found = value;
  for (const name of names) {
    if (isJsonArray(found)) found = found[Number(name)];
    else found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

const documents = ["bundles", "cosign", "public-good-tuf"].flatMap((name) => filesIn(name).flatMap(readDocument));
const bundles = documents.filter(({ document }) => isJsonObject(document["verificationMaterial"]));

/** Every trusted root of the data, also those inside a client's configuration. */
const trustRoots: readonly TrustRoot[] = documents.flatMap(({ path, document }) => {
  const whole = textOf(document["mediaType"]).includes("trustedroot") ? document : document["trustedRoot"];
  if (!isJsonObject(whole)) return [];
  return [decodeTrustRoot(Buffer.from(JSON.stringify(whole)), path)];
});

/** The keys beside a bundle, such as npm's own. */
function keysBeside(path: string): readonly PublicKey[] {
  return readdirSync(dirname(path))
    .filter((name) => name.endsWith(".pub"))
    .flatMap((name) => parsePublicKeys(readFileSync(join(dirname(path), name)), name));
}

// The signed file stands beside its bundle, under the same name without what the bundle's name adds.
function fileOf(path: string): Buffer | undefined {
  const names = readdirSync(dirname(path));
  const plain = basename(path).replace(/\.sigstore(?:\.json)?$/, "");
  const shorter = plain.replace(/\.[a-z]+_[a-z]+$/, "");
  const found = [plain, shorter].find((name) => name !== basename(path) && names.includes(name));
  return found === undefined ? undefined : readFileSync(join(dirname(path), found));
}

function statementIn({ document }: DataFile): JsonValue | undefined {
  const payload = textOf(memberOf(document, "dsseEnvelope", "payload"));
  return payload === "" ? undefined : parseJson(Buffer.from(payload, "base64"), "payload");
}

// A statement says itself what it is about; whether it is about the right thing is for the cases with a file.
function subjectOf(file: DataFile): BundleSubject | undefined {
  const digest = memberOf(statementIn(file), "subject", 0, "digest");
  if (isJsonObject(digest)) {
    const [algorithm = ""] = Object.keys(digest);
    return algorithm === "sha256" || algorithm === "sha512"
      ? { digest: `${algorithm}:${textOf(digest[algorithm])}` }
      : undefined;
  }
  const bytes = fileOf(file.path);
  return bytes === undefined ? undefined : { bytes };
}

const anybody = { subject: /[^]*/, issuer: /[^]*/, unsafeAnyIdentity: true };

function verifyBy(file: DataFile, subject: BundleSubject, trustRoot: TrustRoot): VerifiedBundle {
  const byKey = isJsonObject(memberOf(file.document, "verificationMaterial", "publicKey"));
  const policy: SignerPolicy = byKey
    ? { keys: [...keysBeside(file.path), ...registryKeys], trustRoot, requireLogEntry: true }
    : { identities: [anybody], trustRoot };
  return verifyBundle(file.bytes, subject, policy);
}

function outcomeBy(file: DataFile, subject: BundleSubject, trustRoot: TrustRoot): string {
  try {
    verifyBy(file, subject, trustRoot);
    return "accepted";
  } catch (error) {
    if (isScError(error)) return `${error.code} ${error.message}`;
    throw error;
  }
}

// What the names of the clients' own fixtures say is wrong with them.
const defects = /invalid|no_checkpoint|no_log_entry|no_signed_time|no_cert|cve|2sigs|duplicate|many_|late_/;

/** One part of every trusted root of the data. */
function rootParts(part: "ctlogs" | "certificateAuthorities" | "timestampAuthorities"): readonly JsonValue[] {
  return documents.flatMap(({ document }) => {
    const listed = memberOf(memberOf(document, "trustedRoot") ?? document, part);
    return isJsonArray(listed) ? listed : [];
  });
}

/** The certificate that an authority signs with. */
function certificateOf(authority: JsonValue): readonly X509Certificate[] {
  const der = textOf(memberOf(authority, "certChain", "certificates", 0, "rawBytes"));
  return der === "" ? [] : [new X509Certificate(Buffer.from(der, "base64"))];
}

/** The logs of certificates that any of the roots knows, by their ids; and the numbers of the timestamp authorities. */
const certificateLogs = rootParts("ctlogs").map((log) =>
  Buffer.from(textOf(memberOf(log, "logId", "keyId")), "base64"),
);
const timestampNumbers = rootParts("timestampAuthorities").flatMap((authority) =>
  certificateOf(authority).map(({ serialNumber }) => Buffer.from(serialNumber, "hex")),
);
// A shorter number stands in any token by chance.
const minNumberBytes = 8;

// Nobody can judge a bundle of an instance whose authorities are in none of the roots, such as Sigstore's staging; what
// names none of their logs and numbers is of such a one.
function isJudgeable({ document }: DataFile): boolean {
  const material = memberOf(document, "verificationMaterial");
  const chain = memberOf(material, "x509CertificateChain", "certificates", 0, "rawBytes");
  const der = Buffer.from(textOf(memberOf(material, "certificate", "rawBytes") ?? chain), "base64");
  const tokens = memberOf(material, "timestampVerificationData", "rfc3161Timestamps");
  for (const token of isJsonArray(tokens) ? tokens : []) {
    const bytes = Buffer.from(textOf(memberOf(token, "signedTimestamp")), "base64");
    if (!timestampNumbers.some((number) => number.length >= minNumberBytes && bytes.includes(number))) return false;
  }
  if (der.length === 0) return true;
  const leaf = new X509Certificate(der);
  const issued = rootParts("certificateAuthorities").flatMap(certificateOf);
  return certificateLogs.some((id) => der.includes(id)) && issued.some(({ publicKey }) => leaf.verify(publicKey));
}

function nameOf({ path }: DataFile): string {
  return folder === undefined ? path : relative(folder, path);
}

function outcomes(file: DataFile): readonly string[] {
  const subject = subjectOf(file);
  return subject === undefined ? [] : trustRoots.map((root) => outcomeBy(file, subject, root));
}

describe.skipIf(folder === undefined)("bundles of the other clients", () => {
  const damaged = bundles.filter((file) => defects.test(basename(file.path)));
  const whole = bundles.filter((file) => !damaged.includes(file) && subjectOf(file) !== undefined && isJudgeable(file));

  test("are there, with roots to verify them by", () => {
    expect(bundles.length).toBeGreaterThan(0);
    expect(whole.length).toBeGreaterThan(0);
    expect(trustRoots.length).toBeGreaterThan(0);
  });

  test.for(whole.map((file) => [nameOf(file), file] as const))("%s verifies (SIGN-2, SIGN-5)", ([, file]) => {
    expect(outcomes(file)).toContain("accepted");
  });

  test.for(whole.map((file) => [nameOf(file), file] as const))(
    "%s is about nothing else than it says (SIGN-5)",
    ([, file]) => {
      const other: BundleSubject = { bytes: Buffer.from("something else") };
      for (const root of trustRoots) expect(outcomeBy(file, other, root)).not.toBe("accepted");
    },
  );

  test.for(damaged.map((file) => [nameOf(file), file] as const))("%s is refused by every root (SIGN-5)", ([, file]) => {
    const subject = subjectOf(file) ?? { bytes: Buffer.from("") };
    for (const root of trustRoots) {
      const error = outcomeBy(file, subject, root);
      expect(error).toMatch(/^(?:BUNDLE|CERTIFICATE|SIGNATURE|SUBJECT|TIMESTAMP|TRANSPARENCY|KEY|STATEMENT)_/);
    }
  });
});

/** The keys of npm's registry, as Sigstore's own repository of trust gives them. */
const registryKeys: readonly PublicKey[] = documents
  .filter(({ path }) => basename(path).endsWith("keys.json"))
  .flatMap(({ document }) => {
    const listed = document["keys"];
    return (isJsonArray(listed) ? listed : []).flatMap((key) => {
      const body = textOf(memberOf(key, "publicKey", "rawBytes"));
      const pem = `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
      return parsePublicKeys(pem, "registry key");
    });
  });

// By what npm's client asks: every statement is signed, by a person's certificate or a key of the registry.
function npmVerdicts({ path, document }: DataFile): readonly string[] {
  const listed = document["attestations"];
  return (isJsonArray(listed) ? listed : []).map((one) => {
    const bundle = memberOf(one, "bundle");
    if (!isJsonObject(bundle)) return "no bundle";
    const file = { path, bytes: Buffer.from(JSON.stringify(bundle)), document: bundle };
    const found = outcomes(file);
    return found.includes("accepted") ? "accepted" : (found[0] ?? "about nothing");
  });
}

describe.skipIf(folder === undefined)("npm's attestations", () => {
  const cases = filesIn("npm-attestations").flatMap(readDocument);

  test("are there, with the registry's keys", () => {
    expect(cases.length).toBeGreaterThan(0);
    expect(registryKeys.length).toBeGreaterThan(0);
  });

  // A key id in an envelope is a hint that nobody signs: what npm's client refuses for it alone is no damage to a
  // signature, so that those two may go either way here.
  const named = cases.map((file) => [basename(file.path), file] as const);

  test.for(named)("%s: valid where it is called so, and no other whole (SIGN-6)", ([name, file]) => {
    const verdicts = npmVerdicts(file);
    expect(verdicts.length).toBeGreaterThan(0);
    const refused = verdicts.filter((verdict) => verdict !== "accepted");
    if (name.startsWith("valid-")) expect(refused).toEqual([]);
    else if (!name.includes("keyid")) expect(refused.length).toBeGreaterThan(0);
  });
});
