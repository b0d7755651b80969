import { ScError } from "@sc/model";
import type { OptionDefinition } from "./command.ts";

/** The variables a process was started with. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What the environment says beside options: the variables of other tools that are honoured as they are. */
export interface Environment {
  /** The variables themselves, for those who look one up by the user's word (`env://NAME`) or pass them on. */
  readonly variables: Variables;
  /** Docker's config.json, by DOCKER_CONFIG or in the home directory. */
  readonly dockerConfig?: string;
  /** podman's files of credentials, by REGISTRY_AUTH_FILE or where podman keeps them, the most important first. */
  readonly podmanAuth: readonly string[];
  /** COSIGN_REPOSITORY: where signatures are kept instead of beside the image. */
  readonly cosignRepository?: string;
  /** SOURCE_DATE_EPOCH: the instant that documents carry. */
  readonly sourceDate?: Date;
  readonly proxy: { readonly http?: string; readonly https?: string; readonly noProxy?: string };
  /** SSL_CERT_FILE: certificates that are trusted besides the system's. */
  readonly certificateFile?: string;
  readonly homeDirectory?: string;
  /** Where caches go: XDG_CACHE_HOME, or .cache in the home directory. */
  readonly cacheHome?: string;
  /** Where the user's own configuration is: XDG_CONFIG_HOME, or .config in the home directory. */
  readonly configHome?: string;
  /** SC_EXIT_COMPAT=1: exit code 4 becomes 1. */
  readonly exitCompat: boolean;
  /** Whether this runs in a CI service, where nobody watches a terminal. */
  readonly ci: boolean;
  /** GITHUB_STEP_SUMMARY: the file whose Markdown a GitHub Actions job shows for this step. */
  readonly stepSummary?: string;
  /** Whether colour is wanted or refused whatever the stream is; `undefined` leaves it to the stream. */
  readonly color?: boolean;
  /** Whether the locale can show more than ASCII. */
  readonly unicode: boolean;
}

/** A variable's value; one that is set to nothing counts as not set. */
function variable(variables: Variables, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = variables[name];
    if (value !== undefined && value !== "") return value;
  }
  return undefined;
}

/** What the variables say. This module is the only reader of them. Throws `CLI_USAGE`. */
export function readEnvironment(variables: Variables, platform: string): Environment {
  const home = variable(variables, "HOME", "USERPROFILE");
  const configHome = variable(variables, "XDG_CONFIG_HOME") ?? (home === undefined ? undefined : `${home}/.config`);
  const cacheHome = variable(variables, "XDG_CACHE_HOME") ?? (home === undefined ? undefined : `${home}/.cache`);
  return {
    variables,
    ...defined("dockerConfig", dockerConfig(variables, home)),
    podmanAuth: podmanAuth(variables),
    ...defined("cosignRepository", variable(variables, "COSIGN_REPOSITORY")),
    ...defined("sourceDate", sourceDate(variable(variables, "SOURCE_DATE_EPOCH"))),
    proxy: {
      ...defined("http", variable(variables, "http_proxy", "HTTP_PROXY")),
      ...defined("https", variable(variables, "https_proxy", "HTTPS_PROXY")),
      ...defined("noProxy", variable(variables, "no_proxy", "NO_PROXY")),
    },
    ...defined("certificateFile", variable(variables, "SSL_CERT_FILE")),
    ...defined("homeDirectory", home),
    ...defined("cacheHome", cacheHome),
    ...defined("configHome", configHome),
    exitCompat: variable(variables, "SC_EXIT_COMPAT") === "1",
    ci: isSet(variable(variables, "CI")),
    ...defined("stepSummary", variable(variables, "GITHUB_STEP_SUMMARY")),
    ...defined("color", color(variables)),
    unicode: isUnicode(variables, platform),
  };
}

function dockerConfig(variables: Variables, home: string | undefined): string | undefined {
  const directory = variable(variables, "DOCKER_CONFIG") ?? (home === undefined ? undefined : `${home}/.docker`);
  return directory === undefined ? undefined : `${directory}/config.json`;
}

function podmanAuth(variables: Variables): readonly string[] {
  const named = variable(variables, "REGISTRY_AUTH_FILE");
  if (named !== undefined) return [named];
  const runtime = variable(variables, "XDG_RUNTIME_DIR");
  return runtime === undefined ? [] : [`${runtime}/containers/auth.json`];
}

function defined<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  if (value === undefined) return {};
  const record: Partial<Record<Name, Value>> = {};
  record[name] = value;
  return record;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "0" && value.toLowerCase() !== "false";
}

function color(variables: Variables): boolean | undefined {
  if (variable(variables, "NO_COLOR") !== undefined) return false;
  if (isSet(variable(variables, "FORCE_COLOR", "CLICOLOR_FORCE"))) return true;
  return variable(variables, "TERM") === "dumb" ? false : undefined;
}

function isUnicode(variables: Variables, platform: string): boolean {
  const locale = variable(variables, "LC_ALL", "LC_CTYPE", "LANG");
  if (locale === undefined) return platform === "darwin" || platform === "win32";
  return /utf-?8/i.test(locale);
}

function sourceDate(seconds: string | undefined): Date | undefined {
  if (seconds === undefined) return undefined;
  if (!/^\d{1,11}$/.test(seconds)) {
    throw new ScError(
      "CLI_USAGE",
      `SOURCE_DATE_EPOCH: ${JSON.stringify(seconds.slice(0, 40))} is not a number of seconds`,
      {
        hint: "Set SOURCE_DATE_EPOCH to seconds since 1970, or leave it unset.",
      },
    );
  }
  return new Date(Number(seconds) * 1000);
}

/** The variable of an option: `--fail-on` is `SC_FAIL_ON`. */
export function optionVariable(name: string): string {
  return `SC_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** The values the environment gives an option, with the variable they came from; `undefined` when it gives none. */
export function optionFromVariables(
  option: OptionDefinition,
  variables: Variables,
): { readonly variable: string; readonly values: readonly string[] } | undefined {
  if (option.onlyHere === true) return undefined;
  for (const name of [optionVariable(option.name), ...(option.variables ?? [])]) {
    const value = variables[name];
    if (value === undefined || (value === "" && option.kind !== "text") || (value === "" && option.secret !== true))
      continue;
    return {
      variable: name,
      values: option.repeatable === true ? value.split(",").map((part) => part.trim()) : [value],
    };
  }
  return undefined;
}
