import { severities } from "@sc/model";
import type { CommandDefinition } from "../command.ts";
import { database, scanMaxAge, skipUpdate } from "../options/database.ts";
import { defectDojoOptions } from "../options/defectdojo.ts";
import { outputs } from "../options/documents.ts";
import { allPlatforms, image, platform, scope } from "../options/image.ts";
import { limitOptions } from "../options/limits.ts";
import { registryOptions } from "../options/registry.ts";
import { commentLimit } from "../options/run-reports.ts";
import { reportSuggestions } from "../options/suggestions.ts";

const gates = severities.filter((severity) => severity !== "none" && severity !== "unknown").toReversed();

/** `sc image scan`. */
export const imageScan: CommandDefinition = {
  path: ["image", "scan"],
  aliases: [["scan"]],
  summary: "find known vulnerabilities in an image or an SBOM",
  description:
    "Compares what is in the image with the advisory database of sc db build. Ends in 1 only when a gate such as --fail-on is violated, and in 2 when there is no database. A database that was fetched in part fetches what the image needs from where it came from.",
  options: [
    { ...image, required: false },
    {
      name: "sbom",
      kind: "text",
      placeholder: "FILE",
      summary: "scan a document instead: CycloneDX, SPDX, syft, purls; - for stdin",
    },
    platform,
    allPlatforms,
    scope,
    {
      name: "fail-on",
      kind: "text",
      placeholder: "SEVERITY",
      choices: gates,
      summary: "end in 1 from this severity on",
    },
    { name: "warn-on", kind: "text", placeholder: "SEVERITY", choices: gates, summary: "warn from this severity on" },
    {
      name: "only-fixed",
      aliases: ["ignore-unfixed"],
      kind: "flag",
      summary: "judge only what an upgrade would mend",
    },
    { name: "fail-on-unknown", kind: "flag", summary: "end in 1 when packages could not be compared" },
    {
      name: "fail-on-eol",
      aliases: ["exit-on-eol"],
      kind: "flag",
      summary: "end in 1 when the distribution is no longer maintained",
    },
    {
      name: "ignore-file",
      kind: "text",
      placeholder: "FILE",
      summary: "YAML with accepted findings: id, reason, expires",
    },
    {
      name: "vex",
      kind: "text",
      placeholder: "FILE",
      repeatable: true,
      summary: "an OpenVEX, CSAF or CycloneDX statement of what is not affected",
    },
    {
      name: "only-new",
      kind: "text",
      placeholder: "FILE",
      summary: "count only what this JSON report or SBOM does not have",
    },
    {
      name: "base-image",
      kind: "text",
      placeholder: "REF",
      summary: "count only what this image does not have",
    },
    {
      name: "severity",
      kind: "text",
      placeholder: "LIST",
      summary: "report only these, by commas; gates see all the same",
    },
    { name: "show-suppressed", kind: "flag", summary: "name what does not count, and why" },
    { name: "all-matches", kind: "flag", summary: "count also what is set aside, such as kernel headers" },
    {
      name: "explain",
      kind: "text",
      placeholder: "ID",
      summary: "why this vulnerability is found, instead of a report",
    },
    {
      name: "tool",
      kind: "text",
      placeholder: "NAME",
      choices: ["osv", "grype", "trivy", "all"],
      default: "osv",
      summary: "accepted for other scanners' users; all are served by sc",
    },
    {
      name: "cache-ttl",
      kind: "duration",
      placeholder: "SPAN",
      default: "6h",
      summary: "how long the result of an image is used again",
    },
    {
      name: "exit-code",
      kind: "text",
      placeholder: "N",
      summary: "the exit code of a violated gate in place of 1; 0 only tells",
    },
    {
      name: "required",
      kind: "flag",
      default: "true",
      summary: "fail when it cannot be scanned; =false: tell, and end in 0",
    },
    { name: "all", kind: "flag", summary: "a row for every finding, nothing folded" },
    {
      name: "format",
      kind: "text",
      placeholder: "FORMAT[=FILE]",
      repeatable: true,
      default: "table",
      suggestions: reportSuggestions,
      summary: "form of the report, with =FILE into a file",
    },
    outputs,
    { name: "sarif-output", kind: "text", placeholder: "FILE", summary: "the same as --format sarif=FILE, besides" },
    {
      name: "comment-output",
      kind: "text",
      placeholder: "FILE",
      summary: "the same as --format markdown=FILE, besides",
    },
    commentLimit,
    { name: "html-output", kind: "text", placeholder: "FILE", summary: "the same as --format html=FILE, besides" },
    database,
    skipUpdate,
    scanMaxAge,
  ],
  groups: [defectDojoOptions, registryOptions, limitOptions],
  examples: [
    { comment: "what is known of an image", command: "sc image scan -i alpine:3.19" },
    {
      comment: "as a gate, with a report in a file",
      command: "sc scan -i api:1 --fail-on high --format table --format json=scan.json",
    },
    {
      comment: "for code scanning and for people",
      command: "sc scan -i api:1 --format sarif=scan.sarif --html-output scan.html",
    },
    { comment: "only what the change brought", command: "sc scan -i api:2 --only-new scan-of-main.json --fail-on low" },
    { comment: "why it is found", command: "sc scan -i api:1 --explain CVE-2021-23337" },
    { comment: "a document instead of an image", command: "sc image scan --sbom api.cdx.json" },
  ],
  load: async () => (await import("../actions/image-scan.ts")).scanImage,
};
