import type { DocumentFacts } from "../document-facts.ts";
import type { CheckCount, LintCheck } from "./check.ts";

/** RFC 3339, as the formats demand. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

// Only from where a word begins: from each of its letters to its end would be square.
const address = /(?<![^\s@<])[^\s@<]+@[^\s@>]+|https?:\/\/\S+/;

function whole(passed: boolean, found?: string): CheckCount {
  return { passed: passed ? 1 : 0, of: 1, ...(found === undefined ? {} : { found }) };
}

/** Somebody says that they made the document. */
const author: LintCheck = {
  id: "author",
  title: "author of the document",
  weight: 1,
  count: ({ authors }) => whole(authors.length > 0),
};

/** The maker can be reached. */
const authorAddress: LintCheck = {
  id: "author-address",
  title: "e-mail or URL of the author",
  weight: 1,
  count: ({ authors }) => whole(authors.some((one) => address.test(one))),
};

/** Author or tool: what NTIA's elements accept, as most documents are made by a program. */
const maker: LintCheck = {
  id: "author",
  title: "author, or tool, of the document",
  weight: 1,
  count: ({ authors, tools }) => whole(authors.length + tools.length > 0),
};

/** When the document was made. */
const timestamp: LintCheck = {
  id: "timestamp",
  title: "time the document was made",
  weight: 1,
  count: ({ timestamp: text }) =>
    whole(text !== undefined && instant.test(text) && !Number.isNaN(Date.parse(text)), text),
};

/** The program, with its version. */
const tool: LintCheck = {
  id: "tool",
  title: "tool and its version",
  weight: 1,
  count: ({ tools }) => whole(tools.some(({ name, version }) => name !== "" && version !== undefined)),
};

/** When in the life of the software the document was made. */
const context: LintCheck = {
  id: "generation-context",
  title: "generation context (lifecycle)",
  weight: 1,
  count: ({ lifecycles }) => whole(lifecycles.length > 0, lifecycles.join(", ")),
};

/** What the document is about. */
const primary: LintCheck = {
  id: "primary",
  title: "what the document is about",
  weight: 1,
  count: ({ primary: component }) => whole(component?.name !== undefined),
};

/** Components depend on each other. */
const relationships: LintCheck = {
  id: "relationships",
  title: "relationships between components",
  weight: 1,
  count: ({ related, components }) => (components.length === 0 ? { passed: 0, of: 0 } : whole(related > 0)),
};

/** Whether something is missing is said. */
const completeness: LintCheck = {
  id: "completeness",
  title: "statement of completeness",
  weight: 1,
  count: ({ completeness: said }) => whole(said.length > 0, [...new Set(said)].join(", ")),
};

/** The document has a name of its own. */
const identifier: LintCheck = {
  id: "identifier",
  title: "serial number or namespace",
  weight: 1,
  count: ({ identifier: text }) => whole(text !== undefined),
};

/** BSI TR-03183-2 accepts CycloneDX from 1.6 and SPDX from 3.0.1. */
const currentFormat: LintCheck = {
  id: "format",
  title: "CycloneDX 1.6 or SPDX 3.0.1, or later",
  weight: 2,
  count: (facts) => whole(isCurrent(facts), `${facts.format} ${facts.version}`),
};

function isCurrent({ format, version }: DocumentFacts): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (format === "CycloneDX") return major > 1 || (major === 1 && minor >= 6);
  return format === "SPDX" && (major > 3 || (major === 3 && (minor > 0 || patch >= 1)));
}

/** BSI TR-03183-2 forbids vulnerabilities in the document: they change, it does not. */
const noVulnerabilities: LintCheck = {
  id: "no-vulnerabilities",
  title: "no vulnerabilities inside",
  weight: 1,
  count: ({ vulnerabilities }) => whole(!vulnerabilities),
};

/** The questions asked of a document as a whole, by name. */
export const documentChecks: {
  readonly author: LintCheck;
  readonly authorAddress: LintCheck;
  readonly maker: LintCheck;
  readonly timestamp: LintCheck;
  readonly tool: LintCheck;
  readonly context: LintCheck;
  readonly primary: LintCheck;
  readonly relationships: LintCheck;
  readonly completeness: LintCheck;
  readonly identifier: LintCheck;
  readonly currentFormat: LintCheck;
  readonly noVulnerabilities: LintCheck;
} = {
  author,
  authorAddress,
  maker,
  timestamp,
  tool,
  context,
  primary,
  relationships,
  completeness,
  identifier,
  currentFormat,
  noVulnerabilities,
};
