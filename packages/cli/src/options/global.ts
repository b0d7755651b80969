import type { OptionGroup } from "../command.ts";

/** What every command takes. */
export const globalOptions: OptionGroup = {
  title: "Global options",
  options: [
    { name: "json", kind: "flag", summary: "result, and error, as JSON on standard output" },
    { name: "offline", kind: "flag", summary: "open no network connection at all" },
    { name: "cache-dir", kind: "text", placeholder: "DIR", summary: "where caches are kept" },
    { name: "timeout", kind: "duration", placeholder: "SPAN", summary: "give up after this: 90s, 10m" },
    {
      name: "progress",
      kind: "text",
      choices: ["auto", "plain", "none", "json"],
      default: "auto",
      summary: "how progress is shown on standard error",
    },
    { name: "quiet", short: "q", kind: "flag", summary: "no progress" },
    { name: "silent", kind: "flag", summary: "nothing but errors, and what was asked to be shown" },
    { name: "verbose", short: "v", kind: "flag", summary: "details of every step, stack traces" },
    { name: "no-color", kind: "flag", summary: "no colour, as with NO_COLOR" },
    { name: "help", short: "h", kind: "flag", onlyHere: true, summary: "show this" },
  ],
};
