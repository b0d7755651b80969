import type { SignatureFacts } from "./signature-facts.ts";
import type { VerifiedSignature } from "./verify-image.ts";

/** A tool that verifies signatures of images, and what has to be said for it to accept these. */
export interface Consumer {
  readonly name: string;
  /** The form it reads. */
  readonly form: "bundle" | "tag";
  /** Its own option or setting that is needed besides the key or the identity; absent when none is. */
  readonly needs?: string;
}

/**
 * What vouches for a signature besides whoever signed: a log that promised a time, a log of the later interface with or
 * without a timestamp beside it, a timestamp alone, or nothing.
 */
type Evidence = "promise" | "stamped entry" | "entry" | "timestamp" | "nothing";

/** What a tool has to be told, by the evidence: "" is nothing; what is not named it cannot be made to accept. */
type Asks = Readonly<Partial<Record<Evidence, string>>>;

interface Reader {
  readonly name: string;
  readonly form: "bundle" | "tag";
  readonly needs?: string;
  readonly key: Asks;
  readonly identity: Asks;
  /** How it is told another hash than SHA-256; `undefined` where it cannot be. */
  readonly hash?: string;
  /** Of identities it accepts those of people alone: e-mail addresses. */
  readonly emailOnly?: boolean;
}

const everything = { promise: "", "stamped entry": "", entry: "", timestamp: "", nothing: "" } as const;
const noLog = "--insecure-ignore-tlog";
const noLogButTimestamp = `${noLog} --use-signed-timestamps`;
const cosignHash = "--signature-digest-algorithm";
const kyvernoHash = "signatureAlgorithm:";

// Bundles: cosign 3.1.3 and 2.6.5 were run against what is stored here, and find them without being told; of 2.6 a time
// must be asked for where no log promised one. Kyverno 1.19 asks for a log and an observed time, each unless it is told
// otherwise. Tags: cosign's older form knows promises and timestamps only. The policy controller reads bundles of
// attestations alone, and asks of keys for no log; containers/image, which podman, skopeo and CRI-O share, reads tags
// alone, and of identities only e-mail addresses with a promise.
const readers: readonly Reader[] = [
  {
    name: "cosign 3",
    form: "bundle",
    key: { ...everything, timestamp: noLog, nothing: noLog },
    identity: { promise: "", "stamped entry": "", timestamp: noLogButTimestamp },
    hash: cosignHash,
  },
  {
    name: "cosign 2.6",
    form: "bundle",
    key: { ...everything, timestamp: noLog, nothing: noLog },
    identity: { promise: "", "stamped entry": "--use-signed-timestamps", timestamp: noLogButTimestamp },
    hash: cosignHash,
  },
  {
    name: "Kyverno",
    form: "bundle",
    needs: "type: SigstoreBundle",
    key: {
      ...everything,
      entry: "ignoreSCT: true",
      timestamp: "ignoreTlog: true",
      nothing: "ignoreTlog: true ignoreSCT: true",
    },
    identity: { promise: "", "stamped entry": "", timestamp: "ignoreTlog: true" },
    hash: kyvernoHash,
  },
  {
    name: "cosign 3",
    form: "tag",
    key: { promise: "", timestamp: noLog, nothing: noLog },
    identity: { promise: "", timestamp: noLogButTimestamp },
    hash: cosignHash,
  },
  {
    name: "cosign 2",
    form: "tag",
    key: { promise: "", timestamp: noLog, nothing: noLog },
    identity: { promise: "", timestamp: noLogButTimestamp },
    hash: cosignHash,
  },
  {
    name: "skopeo, podman",
    form: "tag",
    needs: "use-sigstore-attachments: true",
    key: everything,
    identity: { promise: "" },
    emailOnly: true,
  },
  {
    name: "Kyverno",
    form: "tag",
    key: { promise: "", timestamp: "ignoreTlog: true", nothing: "ignoreTlog: true" },
    identity: { promise: "", timestamp: "ignoreTlog: true tsaCertChain:" },
    hash: kyvernoHash,
  },
  {
    name: "policy-controller",
    form: "tag",
    key: everything,
    identity: { promise: "", timestamp: "rfc3161timestamp:" },
    hash: "hashAlgorithm:",
  },
];

/**
 * The tools that verify an image by what is stored of it, each once, by the form that needs less. Told from what was
 * verified: what is stored and does not hold is of use to nobody.
 */
export function listConsumers(signatures: readonly VerifiedSignature[]): readonly Consumer[] {
  const found = new Map<string, Consumer>();
  for (const reader of readers) {
    const { name, form } = reader;
    const asked = signatures.flatMap(({ form: stored, facts }) => (stored === form ? settingsFor(reader, facts) : []));
    // One signature is enough: the one that it takes least to have accepted.
    const [least] = asked.toSorted((left, right) => settingsIn(left) - settingsIn(right));
    if (least === undefined) continue;
    const known = found.get(name);
    if (known !== undefined && settingsIn(known.needs ?? "") <= settingsIn(least)) continue;
    found.set(name, { name, form, ...(least === "" ? {} : { needs: least }) });
  }
  return [...found.values()];
}

/** What a tool has to be told to accept a signature; nothing where it cannot be made to. */
function settingsFor(reader: Reader, facts: SignatureFacts): readonly string[] {
  const { signer } = facts;
  // What reads a bundle takes the hash of a certificate's key from the key itself.
  const hash = signer.kind === "identity" && reader.form === "bundle" ? "sha256" : (facts.hash ?? "sha256");
  if (reader.emailOnly === true && signer.kind === "identity" && !isEmail(signer.subject)) return [];
  const evidence = reader[signer.kind][evidenceOf(facts)];
  if (evidence === undefined || (hash !== "sha256" && reader.hash === undefined)) return [];
  const parts = [reader.needs ?? "", hash === "sha256" ? "" : `${reader.hash} ${hash}`, evidence];
  return [parts.filter((part) => part !== "").join(" ")];
}

function settingsIn(text: string): number {
  return text === "" ? 0 : text.split(" ").length;
}

function evidenceOf({ logEntries, signedAt }: SignatureFacts): Evidence {
  if (logEntries.some(({ logVersion }) => logVersion === 1)) return "promise";
  const stamped = signedAt !== undefined;
  if (logEntries.length > 0) return stamped ? "stamped entry" : "entry";
  return stamped ? "timestamp" : "nothing";
}

function isEmail(subject: string): boolean {
  return /^[^\s/@]+@[^\s/@]+$/.test(subject);
}
