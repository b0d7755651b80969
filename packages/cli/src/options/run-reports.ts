import type { OptionDefinition } from "../command.ts";

/** The most UTF-16 units of a comment. */
export const commentLimit: OptionDefinition = {
  name: "comment-limit",
  kind: "count",
  placeholder: "N",
  default: "60000",
  summary: "the most characters of the comment; GitHub takes 65536",
};

/** The reports of a run of several images. */
export const runReportOptions: readonly OptionDefinition[] = [
  {
    name: "html-output",
    kind: "text",
    placeholder: "FILE",
    summary: "the whole run as one page that needs nothing else",
  },
  {
    name: "comment-output",
    kind: "text",
    placeholder: "FILE",
    summary: "the run as Markdown for a comment on a pull request",
  },
  commentLimit,
];
