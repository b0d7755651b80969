/** What a VEX document may say of a vulnerability in a product. */
export type VexStatus = "not_affected" | "affected" | "fixed" | "under_investigation";

/** One assertion, from whatever form of document: this vulnerability, in these products, has this status. */
export interface VexStatement {
  /** The vulnerability, and whatever else it is called. */
  readonly ids: readonly string[];
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** The justification and the notes, as far as there are any. */
  readonly reason: string;
  /** When it was made, milliseconds since 1970; of the document where the statement does not say. */
  readonly time: number;
  /** The document. */
  readonly source: string;
}

/** What a statement is about. */
export interface VexProduct {
  /** Purls, digests or names that the product goes by; one that matches is enough. */
  readonly names: readonly string[];
  /** Only these parts of it; the whole product where there are none. */
  readonly parts: readonly (readonly string[])[];
  /** Only these versions of it, exact ones and ranges written as vers; every version where it is absent. */
  readonly versions?: { readonly exact: readonly string[]; readonly ranges: readonly string[] };
}

/** A VEX document as read. */
export interface VexDocument {
  readonly format: "openvex" | "csaf" | "cyclonedx";
  readonly author?: string;
  readonly statements: readonly VexStatement[];
}
