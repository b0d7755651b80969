import { nearest, ScError } from "@sc/model";
import type { ActionContext, ActionResult } from "../command.ts";
import { commands } from "../commands/index.ts";
import { optionVariable } from "../environment.ts";
import { displayCode, errorCodes, exitCodes } from "../exit-code.ts";
import { formatCommandHelp, formatGroup, formatOverview, formatTerms } from "../help.ts";
import { commandsUnder, findRoute, unknownCommand } from "../route.ts";
import { wrap } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";

/** Explains a topic; without one lists the commands. Throws `CLI_UNKNOWN`. */
export async function explain(context: ActionContext): Promise<ActionResult> {
  const words = context.values.positionals;
  const text = await explanation(words, context.style);
  return { outcome: "pass", report: { topic: words.join(" "), text }, text: () => text };
}

async function explanation(words: readonly string[], style: Style): Promise<string> {
  const [first] = words;
  if (first === undefined) return formatOverview(commands, style);
  const route = findRoute(commands, words);
  if (route !== undefined && route.words.length === 0) return formatCommandHelp(route.command, style);
  const group = commandsUnder(commands, words);
  if (group.length > 0) return formatGroup(words, group, style);
  const topic = Object.hasOwn(topics, first) ? topics[first] : undefined;
  return topic === undefined ? codeText(words, style) : topic(style);
}

const topics: Readonly<Record<string, (style: Style) => string>> = {
  "exit-codes": exitCodesText,
  environment: environmentText,
  errors: errorsText,
};

function exitCodesText(style: Style): string {
  return ["Exit codes, the same in every command:", ...formatTerms(Object.entries(exitCodes), style)].join("\n");
}

function errorsText(style: Style): string {
  const entries = Object.entries(errorCodes).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return ["Error codes, with the exit code they end in:"]
    .concat(entries.map(([code, row]) => `  ${row.exit}  ${displayCode(code)}`))
    .concat(["", ...wrap("sc help CODE explains one of them.", style.columns)])
    .join("\n");
}

function environmentText(style: Style): string {
  const own = [
    ["SC_EXIT_COMPAT", "1: exit code 4 becomes 1"],
    ["SC_LOG", "debug: the same as --verbose"],
    ["DOCKER_CONFIG", "directory of Docker's config.json with credentials"],
    ["DOCKER_AUTH_CONFIG", "the same as text instead of a file"],
    ["SC_REGISTRY", "host that SC_REGISTRY_USER with SC_REGISTRY_PASSWORD, or SC_REGISTRY_TOKEN, are for"],
    ["REGISTRY_AUTH_FILE", "podman's file of credentials"],
    ["COSIGN_PASSWORD", "password of an encrypted private key"],
    ["COSIGN_REPOSITORY", "repository that keeps signatures instead of the image's own"],
    ["SOURCE_DATE_EPOCH", "seconds since 1970: the instant that documents carry"],
    ["HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "proxies, and the hosts that are reached without one"],
    ["SSL_CERT_FILE", "certificates to trust besides the system's"],
    ["XDG_CACHE_HOME", "parent of the directory for caches"],
    ["XDG_CONFIG_HOME", "parent of sc/config.yaml, which holds where a project has no configuration"],
    ["NO_COLOR, FORCE_COLOR, TERM=dumb", "colour refused or forced"],
    ["LC_ALL, LC_CTYPE, LANG", "signs beyond ASCII only where the locale is UTF-8"],
    ["CI", "plain progress lines, even on a terminal"],
  ] as const;
  const example = `Every option is also a variable, such as --fail-on and ${optionVariable("fail-on")}; the option wins.`;
  return [...wrap(example, style.columns), "", "Besides:", ...formatTerms(own, style)].join("\n");
}

function codeText(words: readonly string[], style: Style): string {
  const typed = (words[0] ?? "").toUpperCase().replaceAll("-", "_").replace(/^SC_/, "");
  const row = Object.hasOwn(errorCodes, typed) ? errorCodes[typed] : undefined;
  if (row === undefined) throw unknownTopic(words, typed);
  return [
    style.paint("strong", displayCode(typed)),
    ...wrap(row.summary, style.columns - 2).map((line) => `  ${line}`),
    ...wrap(`exit code ${row.exit}: ${exitCodes[row.exit] ?? ""}`, style.columns - 2).map((line) => `  ${line}`),
    ...(row.hint === undefined ? [] : wrap(`To do: ${row.hint}`, style.columns - 2).map((line) => `  ${line}`)),
    ...(row.retryable === true ? ["  The same command may succeed later."] : []),
  ].join("\n");
}

function unknownTopic(words: readonly string[], typed: string): ScError {
  const near = nearest(typed, Object.keys(errorCodes)) ?? nearest(words[0] ?? "", Object.keys(topics));
  const hint = near === undefined ? unknownCommand(commands, words).hint : undefined;
  const meant = near !== undefined && Object.hasOwn(errorCodes, near) ? displayCode(near) : near;
  return new ScError("CLI_UNKNOWN", `there is no help on ${JSON.stringify(words.join(" ").slice(0, 80))}`, {
    hint: meant === undefined ? (hint ?? "sc help") : `Did you mean: sc help ${meant}`,
  });
}
