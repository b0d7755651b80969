import type { Descriptor, Digest } from "@sc/model";

/** How a signature is stored: as a bundle among the referrers, or as a layer under a tag. */
export type StorageForm = "bundle" | "tag";

/** Something attached that may be a signature. Nothing about it is verified, and nothing that is verified is this. */
export interface UnverifiedCandidate {
  readonly form: StorageForm;
  /** The manifest it stands in. */
  readonly manifest: Digest;
  /** What it is a layer of, for messages. */
  readonly where: string;
  readonly layer: Descriptor;
}
