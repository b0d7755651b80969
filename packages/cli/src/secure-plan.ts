import { join, resolve } from "node:path";
import { type Call, hasCode, isAtLeast, ScError, severities, type Severity } from "@sc/model";
import { parsePlatform } from "@sc/oci";
import {
  type CacheConfig,
  type Connection,
  type EarlierRun,
  type Gate,
  generateProvenance,
  type LoadedConfig,
  type OpenedSigning,
  parseSpan,
  type ResultCacheOptions,
  type SecurePlan,
  type SecurityConfig,
  waiverOf,
} from "@sc/pipeline";
import { digestOfBase } from "./building.ts";
import type { ActionContext } from "./command.ts";
import { openConfigured, openNamed } from "./configured-signing.ts";
import { readUserFile } from "./files.ts";
import { isPasswordGiven } from "./password.ts";
import { cacheDirectory, databaseDirectory } from "./places.ts";
import { inventoryOptions } from "./reading.ts";
import { version } from "./version.ts";

/** The largest Dockerfile that is read. */
const maxDockerfileBytes = 1024 * 1024;

/** Where files of a run go; nowhere where it is not said. */
export interface LocalOutput {
  readonly sbom?: string | undefined;
  readonly report?: string | undefined;
  readonly provenance?: string | undefined;
}

/** What is to be done to which images, and where files go. */
export interface SecureAsked {
  /** Aborted where the key cannot be opened: nothing of it can be done then. */
  readonly failed?: AbortSignal | undefined;
  readonly plan: SecurePlan;
  readonly local: LocalOutput;
}

/** What a plan is made from besides the options. */
export interface PlanParts {
  readonly images: readonly string[];
  readonly connection: Connection;
  /** What the images are compared with. */
  readonly earlier?: EarlierRun | undefined;
}

function common(context: ActionContext, { images }: PlanParts): SecurePlan {
  const { values } = context;
  const platform = values.text("platform");
  return {
    images,
    jobs: values.count("jobs"),
    platform: platform === undefined ? undefined : parsePlatform(platform),
    inventory: inventoryOptions(context),
    artifactRepository: values.text("artifact-repository"),
    now: context.now(),
  };
}

/** The plan of the options alone: a document, a scan, and a signature where there is a key; each must hold. */
export async function planOfOptions(context: ActionContext, parts: PlanParts): Promise<SecureAsked> {
  const { values } = context;
  const failOn = values.choice("fail-on", severities);
  const output = values.text("output");
  const signing = await signingOfOptions(context, parts.connection);
  const kept = keptResults(context, "inventories");
  return {
    failed: signing?.failed,
    local: { sbom: output, report: output },
    plan: {
      ...common(context, parts),
      inventory: {
        ...inventoryOptions(context),
        results: kept === undefined ? undefined : { ...kept, now: context.now() },
      },
      content: keptResults(context, "content"),
      sbom: {
        required: true,
        formats: ["cyclonedx-json"],
        attach: signing !== undefined,
        sign: true,
        ...documents(context),
      },
      scan: {
        required: true,
        ...databaseOf(context),
        cache: keptResults(context, "results"),
        version,
        now: context.now(),
        failOn,
        earlier: parts.earlier,
        policy: failOn === undefined ? undefined : `--fail-on ${failOn}`,
      },
      signing: signing === undefined ? undefined : { required: true, open: signing.open },
    },
  };
}

// Opening an encrypted key takes a core a fifth of a second: the images are read meanwhile. Whoever gave a wrong password
// is told so at once, and before anything is signed; nobody is asked for one while something else is shown.
async function signingOfOptions(
  context: ActionContext,
  connection: Connection,
): Promise<{ readonly open: () => Promise<OpenedSigning>; readonly failed: AbortSignal } | undefined> {
  const { values } = context;
  if (values.text("key") === undefined) {
    if (values.text("public-key") === undefined) return undefined;
    throw new ScError("CLI_USAGE", "--public-key is the other half of a --key to sign with, which is not given");
  }
  const failed = new AbortController();
  const stop = (error: unknown): never => {
    failed.abort(error);
    throw error;
  };
  const opening = openNamed(context, connection).then((opened) => ({
    ...opened,
    signer: {
      ...opened.signer,
      // With its public half given the key is opened here.
      sign: async (payload: Uint8Array, call?: Call) =>
        await opened.signer.sign(payload, call).catch((error: unknown) => {
          if (hasCode(error, "KEY_PASSWORD_WRONG") || hasCode(error, "KEY_PAIR_MISMATCH")) return stop(error);
          throw error;
        }),
    },
  }));
  if (!isPasswordGiven(context)) await opening;
  opening.catch(stop).catch(() => undefined);
  return { open: async () => await opening, failed: failed.signal };
}

/** The plan of a configuration, whose variables are filled in. What is not enabled is not in it. */
export function planOfConfig(config: LoadedConfig, context: ActionContext, parts: PlanParts): SecureAsked {
  const { security } = config;
  const { sbom, scan, signing, provenance } = security;
  const output = context.values.text("output");
  const where = config.files.at(-1) ?? "configuration";
  return {
    local: {
      sbom: output ?? sbom.output.local,
      report: output ?? scan.output.local,
      provenance: output ?? provenance.output.local,
    },
    plan: {
      ...common(context, parts),
      ...keptInventories(security, context),
      ...(sbom.enabled ? { sbom: sbomPart(sbom, context) } : {}),
      ...(scan.enabled && (scan.tools.length === 0 || scan.tools.some(({ enabled }) => enabled))
        ? { scan: { ...scanPart(scan, where, context), earlier: parts.earlier } }
        : {}),
      ...(signing.enabled
        ? {
            signing: {
              required: signing.required,
              open: async () => await openConfigured(signing, context, parts.connection),
            },
          }
        : {}),
      ...(provenance.enabled
        ? {
            provenance: provenancePart(provenance, context, {
              connection: parts.connection,
              folder: context.values.text("project") ?? ".",
            }),
          }
        : {}),
    },
  };
}

// Facts of layers, whole inventories and what is attached, found by digest, so that an old one is never a wrong one;
// `--no-cache` counts.
function keptInventories(
  { sbom, scan }: SecurityConfig,
  context: ActionContext,
): Pick<SecurePlan, "inventory" | "content"> {
  const asked = sbom.enabled ? sbom.cache : scan.cache;
  const options = inventoryOptions(context);
  if (!asked.enabled) return { inventory: { ...options, cacheDirectory: undefined } };
  const layers =
    asked.dir === undefined || options.cacheDirectory === undefined ? {} : { cacheDirectory: resolve(asked.dir) };
  const results = keptResults(context, "inventories", asked);
  return {
    inventory: { ...options, ...layers, results: results && { ...results, now: context.now() } },
    content: keptResults(context, "content", asked),
  };
}

// Without a place for caches, or on request, everything is done anew.
function keptResults(
  context: ActionContext,
  name: "content" | "inventories" | "results",
  asked?: CacheConfig,
): ResultCacheOptions | undefined {
  const { values, environment } = context;
  if (asked?.enabled === false || values.flag("no-cache")) return undefined;
  const maxAge = asked === undefined ? {} : { maxAge: parseSpan(asked.ttl) };
  if (asked?.dir !== undefined) return { directory: join(resolve(asked.dir), name), ...maxAge };
  const hasPlace = values.text("cache-dir") !== undefined || environment.cacheHome !== undefined;
  return hasPlace ? { directory: join(cacheDirectory(context), name), ...maxAge } : undefined;
}

function sbomPart(sbom: SecurityConfig["sbom"], context: ActionContext): NonNullable<SecurePlan["sbom"]> {
  const attach = typeof sbom.attach === "boolean" ? { enabled: sbom.attach, sign: true } : sbom.attach;
  if (sbom.generator !== "sc") tellServed(`sbom.generator ${sbom.generator}`, context);
  return {
    required: sbom.required,
    formats: [sbom.format],
    attach: sbom.output.registry ?? attach.enabled,
    sign: attach.sign,
    exclude: sbom.exclude,
    ...documents(context),
  };
}

function scanPart(
  scan: SecurityConfig["scan"],
  where: string,
  context: ActionContext,
): NonNullable<SecurePlan["scan"]> {
  const tools = scan.tools.filter(({ enabled }) => enabled);
  const foreign = tools.filter(({ name }) => name !== "osv").map(({ name }) => name);
  if (foreign.length > 0) tellServed(`scan.tools ${foreign.join(", ")}`, context);
  const failOn = context.values.choice("fail-on", severities) ?? strictest([scan, ...tools].map((one) => one.failOn));
  return {
    required: scan.required || tools.some(({ required }) => required),
    ...databaseOf(context),
    cache: keptResults(context, "results", scan.cache),
    version,
    now: context.now(),
    failOn,
    warnOn: strictest([scan, ...tools].map((one) => one.warnOn)),
    waivers: scan.ignore.map((rule) => waiverOf(rule, where)),
    attach: scan.output.registry === true,
    ...(foreign.length === 0 ? {} : { scanners: tools.map(({ name }) => name) }),
    policy: failOn === undefined ? undefined : `failOn: ${failOn}`,
  };
}

function databaseOf(context: ActionContext): Pick<NonNullable<SecurePlan["scan"]>, "database" | "fetchParts"> {
  return { database: databaseDirectory(context), fetchParts: !context.values.flag("skip-db-update") };
}

function strictest(gates: readonly (Gate | undefined)[]): Severity | undefined {
  return gates.reduce<Gate | undefined>(
    (least, gate) => (least === undefined || (gate !== undefined && isAtLeast(least, gate)) ? gate : least),
    undefined,
  );
}

function tellServed(what: string, { onProgress }: ActionContext): void {
  const message = `${what}: served by sc itself; no other program is run`;
  onProgress({ type: "notice", level: "warning", code: "TOOL_SERVED", message });
}

/** How this build is described, by what a configuration asks for; `folder` is where its sources are. */
export function provenancePart(
  provenance: SecurityConfig["provenance"],
  context: ActionContext,
  { connection, folder }: Pick<PlanParts, "connection"> & { readonly folder: string },
): NonNullable<SecurePlan["provenance"]> {
  const { environment, signal, onProgress } = context;
  const { id } = provenance.builder;
  let made: ReturnType<typeof generateProvenance> | undefined;
  const generate = async (): ReturnType<typeof generateProvenance> => {
    const dockerfile = provenance.includeDocker ? await readDockerfile(folder) : undefined;
    return await generateProvenance({
      environment: environment.variables,
      version: provenance.format === "slsa-v0.2" ? "0.2" : "1",
      ...(provenance.includeGit ? { folder } : {}),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(id === undefined ? {} : { builderId: id }),
      materials: provenance.metadata.includeMaterials,
      describeMachine: provenance.metadata.includeEnv,
      finishedOn: (environment.sourceDate ?? context.now()).toISOString(),
      resolveImage: async (reference) => await digestOfBase(reference, context, connection),
      signal,
      onProgress,
    });
  };
  return {
    required: provenance.required,
    attach: provenance.output.registry ?? true,
    // One build made all images: it is described once.
    generate: async () => await (made ??= generate()),
  };
}

async function readDockerfile(folder: string): Promise<string | undefined> {
  const bytes = await readUserFile(join(folder, "Dockerfile"), { maxBytes: maxDockerfileBytes }).catch(() => undefined);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** What every document says besides: when, and by which program. */
export function documents({ environment }: ActionContext): Pick<NonNullable<SecurePlan["sbom"]>, "timestamp" | "tool"> {
  return { timestamp: environment.sourceDate, tool: { name: "sc", version } };
}
