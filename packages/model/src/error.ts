const brand = Symbol.for("sc.error");

/** One row of a package's table of error codes: what the command line answers with, and what the code means. */
export interface ErrorCode {
  /**
   * The process exit code this error ends in: 1 checked and the answer is no, 2 a needed dependency is missing,
   * 3 configuration or usage, 4 could not be completed.
   */
  readonly exit: 1 | 2 | 3 | 4;
  /** One sentence, shown by `sc help CODE` and in the reference. */
  readonly summary: string;
  /** What to do next, where the error itself does not say it better: one imperative sentence. */
  readonly hint?: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable?: true;
}

/** The error codes of one package, by code. Every package exports one; the command line joins them. */
export type ErrorCodes = Readonly<Record<string, ErrorCode>>;

/** What may accompany an error's code and message. */
export interface ErrorDetail extends ErrorOptions {
  /** One imperative sentence that says what to do next. */
  readonly hint?: string;
  /** Whether the same call may succeed later; overrides what the code's table says. */
  readonly retryable?: boolean;
  /** Labelled facts for people, in order: what it was about, what was sent, what was answered. Never a secret. */
  readonly facts?: Readonly<Record<string, string>>;
}

/**
 * The only error class that callers need: match on `code`, never on the message or the class.
 *
 * The message says what was being read, what was wrong, and what was got and wanted; text from outside stands in it
 * only through `JSON.stringify` and URLs only redacted.
 */
export class ScError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly retryable: boolean | undefined;
  readonly facts: Readonly<Record<string, string>>;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, "cause" in detail ? { cause: detail.cause } : undefined);
    this.name = "ScError";
    this.code = code;
    this.hint = detail.hint;
    this.retryable = detail.retryable;
    this.facts = detail.facts ?? {};
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is an error of this family, also when it comes from another copy of this package. */
export function isScError(value: unknown): value is ScError {
  return typeof value === "object" && value !== null && brand in value;
}

/** Whether a value is an error of this family with the given code. */
export function hasCode(value: unknown, code: string): value is ScError {
  return isScError(value) && value.code === code;
}
