/** A severity that a gate may name. */
export type Gate = "critical" | "high" | "medium" | "low";

/** How long results are kept, and where. */
export interface CacheConfig {
  readonly enabled: boolean;
  /** As it is written: 6h. */
  readonly ttl: string;
  readonly dir?: string | undefined;
}

/** Where a result goes. */
export interface OutputConfig {
  readonly local?: string | undefined;
  readonly registry?: boolean | undefined;
}

/** A scanner that is asked for by name. */
export interface ToolConfig {
  readonly name: "osv" | "grype" | "trivy";
  readonly enabled: boolean;
  readonly required: boolean;
  readonly failOn?: Gate | undefined;
  readonly warnOn?: Gate | undefined;
}

/** A finding that is accepted, with why and until when. */
export interface IgnoreRule {
  readonly id: string;
  readonly package?: string | undefined;
  readonly path?: string | undefined;
  readonly reason: string;
  readonly expires?: string | undefined;
}

/** What the `security:` block says, defaults filled in. Texts still hold their `${env:…}` and `${secret:…}`. */
export interface SecurityConfig {
  readonly enabled: boolean;
  readonly scan: {
    readonly enabled: boolean;
    readonly required: boolean;
    readonly tools: readonly ToolConfig[];
    readonly failOn?: Gate | undefined;
    readonly warnOn?: Gate | undefined;
    readonly ignore: readonly IgnoreRule[];
    readonly cache: CacheConfig;
    readonly output: OutputConfig;
  };
  readonly signing: SigningConfig;
  readonly sbom: {
    readonly enabled: boolean;
    readonly required: boolean;
    readonly format: string;
    readonly generator: "sc" | "syft";
    readonly attach: boolean | { readonly enabled: boolean; readonly sign: boolean };
    readonly cache: CacheConfig;
    readonly output: OutputConfig;
    readonly exclude: readonly string[];
  };
  readonly provenance: {
    readonly enabled: boolean;
    readonly required: boolean;
    readonly format: "slsa-v1.0" | "slsa-v0.2";
    readonly includeGit: boolean;
    readonly includeDocker: boolean;
    readonly output: OutputConfig;
    readonly builder: { readonly id?: string | undefined };
    readonly metadata: { readonly includeEnv: boolean; readonly includeMaterials: boolean };
  };
  readonly reporting: {
    readonly defectdojo: DefectDojoConfig;
    readonly prComment: { readonly enabled: boolean; readonly output?: string | undefined };
  };
  readonly policy: { readonly files: readonly string[]; readonly mode: "warn" | "block" | "monitor" };
}

/** By what is signed, and whose signature counts afterwards. */
export interface SigningConfig {
  readonly enabled: boolean;
  readonly required: boolean;
  /** Not said: by identity where there is no private key. */
  readonly keyless?: boolean | undefined;
  readonly privateKey?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly password?: string | undefined;
  readonly verify: {
    readonly enabled: boolean;
    readonly oidcIssuer?: string | undefined;
    readonly identity?: string | undefined;
    readonly identityRegexp?: string | undefined;
  };
}

/** Where findings are uploaded to. */
export interface DefectDojoConfig {
  readonly enabled: boolean;
  readonly url?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly engagementId?: number | undefined;
  readonly engagementName?: string | undefined;
  readonly productId?: number | undefined;
  readonly productName?: string | undefined;
  readonly testType?: string | undefined;
  readonly environment?: string | undefined;
  readonly tags: readonly string[];
  readonly autoCreate: boolean;
}
