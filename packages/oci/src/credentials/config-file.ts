import { readFile } from "node:fs/promises";
import { type Call, isJsonObject, type JsonObject, type JsonValue, ScError } from "@sc/model";
import type { Credential, CredentialOptions, CredentialTarget } from "./credential.ts";
import { askHelper } from "./docker-credential.ts";
import { helperServer, matchingKey, registryKeys } from "./match.ts";

const maxConfigFileBytes = 4 * 1024 * 1024;

/** A file in the form of docker's config.json, or the same text from elsewhere. */
export interface ConfigDocument {
  /** A path or the name of a variable, for errors and for people. */
  readonly where: string;
  readonly value: JsonObject;
}

/** The document in a file; `undefined` when there is no such file. Throws `CREDENTIALS_INVALID`. */
export async function readConfigFile(path: string, signal?: AbortSignal): Promise<ConfigDocument | undefined> {
  let text: string;
  try {
    const bytes = await readFile(path, signal === undefined ? {} : { signal });
    if (bytes.byteLength > maxConfigFileBytes) throw invalid(path, `it has more than ${maxConfigFileBytes} bytes`);
    text = bytes.toString("utf8");
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return undefined;
    if (error instanceof ScError) throw error;
    throw new ScError("CREDENTIALS_INVALID", `${JSON.stringify(path)}: it cannot be read`, { cause: error });
  }
  return parseConfig(text, path);
}

/** The document in a text. Throws `CREDENTIALS_INVALID`, which never quotes the text: it holds secrets. */
export function parseConfig(text: string, where: string): ConfigDocument {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the mistake, so neither it nor its cause is passed on.
    throw invalid(where, "it is not JSON");
  }
  if (!isJsonObject(value)) throw invalid(where, "it is not a JSON object");
  return { where, value };
}

/**
 * The credential of a document for a target: by the helper named for the registry, by the common helper, or by an
 * entry of `auths`, in docker's order. Throws `CREDENTIALS_INVALID`, `CREDENTIAL_HELPER_FAILED`.
 */
export async function findInConfig(
  document: ConfigDocument,
  target: CredentialTarget,
  { options, call }: { readonly options: CredentialOptions; readonly call: Call },
): Promise<Credential | undefined> {
  if (options.helpers !== false) {
    const helper = helperFor(document, target.registry);
    const found =
      helper === undefined ? undefined : await askHelper({ ...helper, from: document.where }, options, call);
    if (found !== undefined) return found;
  }
  const auths = section(document, "auths");
  const key = matchingKey(Object.keys(auths), target);
  return key === undefined ? undefined : decodeEntry(auths[key], key, document.where);
}

interface HelperChoice {
  readonly name: string;
  readonly server: string;
  /** Whether the registry was named: then the helper must be there. */
  readonly named: boolean;
}

function helperFor(document: ConfigDocument, registry: string): HelperChoice | undefined {
  const helpers = section(document, "credHelpers");
  for (const key of registryKeys(registry)) {
    if (!Object.hasOwn(helpers, key)) continue;
    const name = helpers[key];
    if (typeof name !== "string") throw invalid(document.where, `credHelpers.${JSON.stringify(key)} is not a string`);
    if (name !== "") return { name, server: helperServer(registry), named: true };
  }
  const store = document.value["credsStore"];
  if (store === undefined || store === null || store === "") return undefined;
  if (typeof store !== "string") throw invalid(document.where, "credsStore is not a string");
  return { name: store, server: helperServer(registry), named: false };
}

function section(document: ConfigDocument, name: string): JsonObject {
  const value = document.value[name];
  if (value === undefined || value === null) return {};
  if (!isJsonObject(value)) throw invalid(document.where, `${name} is not an object`);
  return value;
}

function decodeEntry(entry: JsonValue | undefined, key: string, where: string): Credential | undefined {
  const at = `auths.${JSON.stringify(key)}`;
  if (!isJsonObject(entry)) throw invalid(where, `${at} is not an object`);
  const text = (name: string): string => {
    const value = entry[name];
    if (value === undefined || value === null) return "";
    if (typeof value !== "string") throw invalid(where, `${at}.${name} is not a string`);
    return value;
  };
  const [user, password] =
    text("auth") === "" ? [text("username"), text("password")] : decodeAuth(text("auth"), at, where);
  if (text("identitytoken") !== "") return { kind: "identity-token", user, secret: text("identitytoken"), from: where };
  if (text("registrytoken") !== "") return { kind: "bearer", user, secret: text("registrytoken"), from: where };
  // An empty entry says that a helper has the password.
  return user === "" && password === "" ? undefined : { kind: "password", user, secret: password, from: where };
}

function decodeAuth(auth: string, at: string, where: string): readonly [user: string, password: string] {
  const bytes = Buffer.from(auth, "base64");
  const text = bytes.toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) throw invalid(where, `${at}.auth is not base64 of user:password`);
  // docker pads passwords with NULs in old files.
  let end = text.length;
  while (end > colon + 1 && text[end - 1] === "\0") end -= 1;
  return [text.slice(0, colon), text.slice(colon + 1, end)];
}

function invalid(where: string, what: string): ScError {
  return new ScError("CREDENTIALS_INVALID", `${JSON.stringify(where)}: ${what}`, {
    hint: "Repair or remove the file, or log in again; its content is not shown because it holds secrets.",
  });
}
