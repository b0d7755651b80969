import type { Digest, Platform } from "@sc/model";
import type { ScanReport } from "@sc/scan";
import type { AttachedRecord, Signer, SignerPolicy, TrustRoot, VerifiedImage } from "@sc/sign";
import type { InventoryOptions } from "./inventory.ts";
import type { GeneratedProvenance } from "./provenance.ts";
import type { FormatSbomOptions } from "./sbom.ts";
import type { ResultCacheOptions } from "./result-cache.ts";
import type { EarlierRun } from "./run-baseline.ts";
import type { ScanOptions } from "./scan.ts";
import type { ArtifactPlace } from "./signing.ts";

/** A step that may be asked to hold: one that fails and is not required is a warning, and the run goes on. */
export interface Requirable {
  readonly required: boolean;
}

/** With what is signed, and whose signature counts afterwards. */
export interface OpenedSigning {
  readonly signer: Signer;
  /** Without one what was signed is not verified. Of a signer by identity: the authorities that are believed. */
  readonly verify?: SignerPolicy | undefined;
  /** Where signing is by identity and nobody is named: the authorities by which its own identity must verify. */
  readonly ownIdentity?: TrustRoot | undefined;
}

/** What is done to images. A part that is left out is not done and costs nothing. */
export interface SecurePlan extends ArtifactPlace {
  readonly images: readonly string[];
  /** How many images are worked on at a time; 4 when not said. */
  readonly jobs?: number | undefined;
  /** Nothing is signed or attached to any image before every image was scanned and passed. */
  readonly together?: boolean | undefined;
  /** Begins no further image after one that did not pass. */
  readonly failFast?: boolean | undefined;
  readonly platform?: Platform | undefined;
  readonly inventory?: Pick<InventoryOptions, "limits" | "cacheDirectory" | "workers" | "results"> | undefined;
  /**
   * Where manifests, configurations and attestations are kept by digest, for a day where it does not say; nowhere by
   * default. What is attached to an image is asked of its registry in every run, and verified; what was read of it before
   * is hashed and not fetched again.
   */
  readonly content?: ResultCacheOptions | undefined;
  readonly sbom?:
    | (Requirable &
        FormatSbomOptions & {
          readonly formats: readonly string[];
          readonly attach: boolean;
          readonly sign: boolean;
          /** Patterns of package URLs that are not published. */
          readonly exclude?: readonly string[] | undefined;
        })
    | undefined;
  readonly scan?:
    | (Requirable &
        Omit<ScanOptions, "signal" | "onProgress" | "baselines"> & {
          readonly database: string;
          /** Whether parts that the database was fetched without are fetched where an image needs them; true by default. */
          readonly fetchParts?: boolean | undefined;
          /** Where results are kept by image, database and options, for six hours where it does not say; nowhere by default. */
          readonly cache?: ResultCacheOptions | undefined;
          /** What an image is compared with: findings that were there then do not count. */
          readonly earlier?: EarlierRun | undefined;
          /** Whether what was found is attested, in cosign's form. */
          readonly attach?: boolean | undefined;
        })
    | undefined;
  readonly signing?: (Requirable & (OpenedSigning | { readonly open: () => Promise<OpenedSigning> })) | undefined;
  readonly provenance?:
    | (Requirable & { readonly attach: boolean; readonly generate: () => Promise<GeneratedProvenance> })
    | undefined;
  readonly now?: Date | undefined;
}

/** A step that failed without ending the run. */
export interface SecureWarning {
  readonly stage: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A document that was made. */
export interface SecureDocument {
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** Something that belongs to an image in its registry now. */
export interface SecuredRecord extends AttachedRecord {
  readonly what: "signature" | "sbom" | "provenance" | "scan";
}

/** A result that is kept between runs. */
export type CachedResult = "inventory" | "scan";

/** What came of one image. */
export interface SecuredImage {
  readonly image: string;
  /** `violation`: a gate is violated, a verification failed, or a required step could not be done. */
  readonly outcome: "pass" | "violation" | "error" | "skipped";
  /** The step that ended it early. */
  readonly stoppedAt?: string;
  /** Why, where a step failed. */
  readonly error?: unknown;
  /** What the reference named; everything was done to this digest. */
  readonly digest?: Digest;
  readonly packages?: number;
  /** What was not done anew, because it was done of this very image before. */
  readonly fromCache?: readonly CachedResult[];
  readonly documents: readonly SecureDocument[];
  readonly report?: ScanReport;
  readonly provenance?: GeneratedProvenance;
  /** Signatures and attestations. */
  readonly records: readonly SecuredRecord[];
  /** What the records are: how many of each are now in the registry. */
  readonly attached: { readonly signatures: number; readonly sboms: number; readonly provenances: number };

  readonly verified?: VerifiedImage;
  readonly warnings: readonly SecureWarning[];
  /** Signatures that were made and that no form of was stored: they are here and nowhere else. */
  readonly unstored: readonly UnstoredBundle[];
  /** How long it was worked on, waiting for other images left out. */
  readonly milliseconds?: number;
}

/** A Sigstore bundle that the registry refused, and what it is about. */
export interface UnstoredBundle {
  readonly bundle: Uint8Array;
  readonly subject: Digest;
}

/** What came of all images. */
export interface SecureResult {
  readonly outcome: "pass" | "violation" | "error";
  readonly images: readonly SecuredImage[];
  /** How long all of it took. */
  readonly milliseconds?: number;
}
