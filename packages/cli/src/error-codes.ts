import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/cli` throws. */
export const cliErrorCodes: ErrorCodes = {
  CLI_UNKNOWN: { exit: 3, summary: "There is no command, option or help topic of that name." },
  CLI_USAGE: { exit: 3, summary: "An option or argument is missing, repeated or has a value that is not allowed." },
  FILE_MISSING: { exit: 3, summary: "A file named on the command line does not exist." },
  FILE_UNREADABLE: { exit: 4, summary: "A file could not be read, or is larger than what it is read as may be." },
  FILE_UNWRITABLE: { exit: 4, summary: "A result could not be written to a file." },
  TIMED_OUT: { exit: 4, summary: "The time given with --timeout was over before the work was done.", retryable: true },
  UNEXPECTED: { exit: 4, summary: "Something failed that this program does not know; -v shows where." },
};
