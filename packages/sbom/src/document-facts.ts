/** What a document says of itself and its parts, whatever its format: what its quality is judged by. */
export interface DocumentFacts {
  readonly format: "CycloneDX" | "SPDX" | "syft";
  /** The version of the format. */
  readonly version: string;
  /** The serial number or namespace. */
  readonly identifier?: string;
  /** When it says it was made, as it stands there. */
  readonly timestamp?: string;
  /** People and organisations who say they made it, with e-mail or URL where it says so. */
  readonly authors: readonly string[];
  readonly tools: readonly ToolFacts[];
  /** When in the life of the software it was made. */
  readonly lifecycles: readonly string[];
  /** The licence of the document itself. */
  readonly dataLicense?: string;
  readonly signed: boolean;
  /** Whether it holds vulnerabilities. */
  readonly vulnerabilities: boolean;
  /** What the document is about. */
  readonly primary?: ComponentFacts;
  /** What it says about how complete it is. */
  readonly completeness: readonly string[];
  /** How many components something depends on, or depend on something. */
  readonly related: number;
  readonly components: readonly ComponentFacts[];
}

/** A program that made a document. */
export interface ToolFacts {
  readonly name: string;
  readonly version?: string;
}

/** What a document says of one component. */
export interface ComponentFacts {
  readonly name?: string;
  readonly version?: string;
  readonly supplier?: string;
  /** The kind or purpose. */
  readonly type?: string;
  /** purl, CPE, SWID and the like. */
  readonly purl?: string;
  readonly cpe?: string;
  /** The algorithms of its hashes, as the format writes them. */
  readonly hashes: readonly string[];
  /** Licences as they stand there; what says that nothing is known is left out. */
  readonly licenses: readonly string[];
  readonly concludedLicenses: readonly string[];
  /** Whether it says where its source is. */
  readonly source: boolean;
}
