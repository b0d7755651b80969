import { isJsonObject, type JsonObject, type JsonValue, parseJson, ScError } from "@sc/model";
import { z } from "zod";
import { checkSchema } from "./check-schema.ts";
import { type ConfigLayer, mergeLayers } from "./merge-layers.ts";
import { checkPlaceholders, type PlaceholderValues, resolveText, withoutSecrets } from "./placeholders.ts";
import type { DefectDojoConfig, IgnoreRule, SecurityConfig } from "./security-config.ts";
import { ignoreFileSchema, securitySchema } from "./security-schema.ts";
import { readStackLayers, type StackFiles } from "./stack-layers.ts";
import { fileSchema, isStackName, stackSchema } from "./stack-schema.ts";
import { parseYaml } from "./yaml-document.ts";

/** An image of a stack. */
export interface ConfiguredImage {
  /** The service it is of, or the last part of its repository: short, and no other image of the stack has it. */
  readonly name: string;
  /** As it is written, `${env:…}` and all. */
  readonly image: string;
}

/** A configuration as it holds. */
export interface LoadedConfig {
  readonly security: SecurityConfig;
  readonly images: readonly ConfiguredImage[];
  /** The files it was read from, the farthest ancestor first. */
  readonly files: readonly string[];
  /** The effective values as they may be shown: no secret in them. */
  readonly shown: JsonObject;
  /** By path joined with dots: `file:line:column` where each value of the files was said last. */
  readonly origins: ReadonlyMap<string, string>;
}

/** The configuration in the text of a file that stands alone. Throws `CONFIG_INVALID`. */
export function parseConfigFile(text: string, where: string): LoadedConfig {
  const document = parseYaml(text, where);
  checkSchema(fileSchema, document);
  checkPlaceholders(document.value, [], document.place);
  return effective([document], [where]);
}

/**
 * The configuration of one environment of a stack, with all it inherits. Throws `CONFIG_INVALID`, `CONFIG_CYCLE`,
 * `STACK_MISSING`.
 */
export async function readStackConfig(files: StackFiles, stack: string, environment: string): Promise<LoadedConfig> {
  for (const name of [stack, environment]) {
    if (!isStackName(name))
      throw new ScError("STACK_MISSING", `${JSON.stringify(name.slice(0, 100))} is no name of a stack or environment`);
  }
  const { layers, files: read } = await readStackLayers(files, stack, environment);
  return effective(layers, read);
}

/**
 * The configuration with every `${env:…}` filled in; what names a secret stays as it is written, for whoever uses it.
 * Throws `CONFIG_VALUE_MISSING`.
 */
export async function resolveVariables(
  config: LoadedConfig,
  environment: PlaceholderValues["environment"],
): Promise<LoadedConfig> {
  const values = { environment, readSecret: async () => await Promise.resolve(undefined) };
  const resolve = async (value: JsonValue | undefined, path: readonly string[]): Promise<JsonValue | undefined> => {
    if (typeof value === "string")
      return value.includes("${secret:") ? value : await resolveText(value, path.join("."), values);
    if (!isJsonObject(value)) return Array.isArray(value) ? await resolveItems(value, path) : value;
    const members = Object.entries(value).map(async ([name, member]) => [name, await resolve(member, [...path, name])]);
    return Object.fromEntries(await Promise.all(members));
  };
  const resolveItems = async (items: readonly JsonValue[], path: readonly string[]): Promise<JsonValue> => {
    const resolved = await Promise.all(items.map(async (item) => await resolve(item, path)));
    return resolved.map((item) => item ?? null);
  };
  const whole = parseJson(JSON.stringify({ security: config.security }), "configuration");
  const value = await resolve(isJsonObject(whole) ? whole["security"] : {}, ["security"]);
  const security = checkSchema(securitySchema, {
    value: isJsonObject(value) ? value : {},
    place: () => "configuration",
  });
  const images = config.images.map(async ({ name, image }) => ({
    name,
    image: await resolveText(image, `the image of ${name}`, values),
  }));
  return { ...config, security, images: await Promise.all(images) };
}

/** The rules in the YAML text of an ignore file. Throws `CONFIG_INVALID`. */
export function parseIgnoreRules(text: string, where: string): readonly IgnoreRule[] {
  return checkSchema(ignoreFileSchema, parseYaml(text, where)).ignore;
}

/** The JSON Schemas of the files, for editors: one that stands alone, and a stack's. */
export function configSchemas(): Readonly<Record<"file" | "stack", object>> {
  return {
    file: z.toJSONSchema(fileSchema, { io: "input", reused: "ref" }),
    stack: z.toJSONSchema(stackSchema, { io: "input", reused: "ref" }),
  };
}

function effective(layers: readonly ConfigLayer[], files: readonly string[]): LoadedConfig {
  const { value, origins } = mergeLayers(layers);
  const place = (path: readonly PropertyKey[]): string => origins.get(path.join(".")) ?? files.at(-1) ?? "";
  const security = checkSchema(securitySchema, {
    value: wholeBlock(value),
    place: (path) => place(["security", ...path]),
  });
  checkTogether(security, place);
  const images = imagesOf(value);
  // Nothing was said in it: its defaults are not shown as if they were at work.
  const { policy: _, ...atWork } = security;
  const whole = parseJson(JSON.stringify({ security: atWork, images }), "configuration");
  const shown = isJsonObject(whole) ? withoutSecrets(whole) : {};
  return { security, images, files, shown, origins };
}

function wholeBlock({ security }: JsonObject): JsonObject {
  return isJsonObject(security) ? security : {};
}

type Refuse = (path: string, message: string, hint: string) => ScError;

/** Where a field was said. */
type PlaceOf = (path: readonly string[]) => string;

// What no single field says: only the whole configuration may contradict itself.
function checkTogether({ signing, policy, reporting }: SecurityConfig, place: PlaceOf): void {
  const { identity, identityRegexp, oidcIssuer } = signing.verify;
  const named = identity ?? identityRegexp;
  const refuse: Refuse = (path, message, hint) =>
    new ScError("CONFIG_INVALID", `${place(path.split("."))}: ${path}: ${message}`, { hint });
  if (identity !== undefined && identityRegexp !== undefined) {
    throw refuse("security.signing.verify.identityRegexp", "excludes identity", "Name the identity in one way.");
  }
  if ((named === undefined) !== (oidcIssuer === undefined)) {
    const path = `security.signing.verify.${oidcIssuer === undefined ? (identity === undefined ? "identityRegexp" : "identity") : "oidcIssuer"}`;
    throw refuse(
      path,
      "wanted an identity and its issuer together",
      "Give identity or identityRegexp, and oidcIssuer.",
    );
  }
  if (signing.enabled && signing.keyless === false && signing.privateKey === undefined) {
    throw refuse(
      "security.signing.keyless",
      "false, and there is no privateKey to sign with",
      "Set security.signing.privateKey.",
    );
  }
  if (/-----BEGIN|\n/.test(signing.privateKey ?? "")) {
    throw refuse("security.signing.privateKey", "a key itself, wanted where it is", "Write ${secret:NAME} or a path.");
  }
  checkPolicy(policy, refuse);
  checkReporting(reporting.defectdojo, refuse);
}

// No rule is better than one that is believed to hold and does not. A mode without files is about nothing.
function checkPolicy({ files }: SecurityConfig["policy"], refuse: Refuse): void {
  if (files.length === 0) return;
  const hint = "Leave security.policy out; scan.failOn and scan.warnOn say what findings block and warn.";
  throw refuse("security.policy.files", "policy files are not read by this version", hint);
}

function checkReporting(
  { enabled, url, apiKey, engagementId, engagementName, productId, productName }: DefectDojoConfig,
  refuse: Refuse,
): void {
  if (!enabled) return;
  const path = "security.reporting.defectdojo";
  if (url === undefined) throw refuse(`${path}.url`, "is missing", "Set it to DefectDojo's address.");
  if (apiKey === undefined) throw refuse(`${path}.apiKey`, "is missing", "Set it to ${secret:NAME}.");
  if (engagementId !== undefined || (engagementName !== undefined && (productId ?? productName) !== undefined)) return;
  throw refuse(
    path,
    "names no engagement to upload to",
    "Set engagementId, or engagementName with productName or productId.",
  );
}

function imagesOf({ images, services }: JsonObject): readonly ConfiguredImage[] {
  const listed: readonly JsonValue[] = Array.isArray(images) ? images : [];
  const named: readonly (readonly [string | undefined, JsonValue | undefined])[] = [
    ...Object.entries(isJsonObject(services) ? services : {}).map(
      ([name, service]) => [name, isJsonObject(service) ? service["image"] : undefined] as const,
    ),
    ...(isJsonObject(images) ? Object.entries(images) : []),
    ...listed.map((image) => [undefined, image] as const),
  ];
  const found = new Map<string, string>();
  for (const [given, image] of named) {
    if (typeof image !== "string" || [...found.values()].includes(image)) continue;
    const name = given ?? lastPart(image);
    found.set(found.has(name) ? image : name, image);
  }
  return [...found].map(([name, image]) => ({ name, image }));
}

function lastPart(image: string): string {
  const [path = image] = image.split("@");
  return (path.split("/").at(-1) ?? path).split(":")[0] ?? image;
}
