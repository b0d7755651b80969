import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/cli` throws. */
export const cliErrorCodes: ErrorCodes = {
  CLI_UNKNOWN: {
    exit: 3,
    summary: "There is no command, option or help topic of that name.",
    hint: "See what there is with: sc help",
  },
  CLI_USAGE: {
    exit: 3,
    summary: "An option or argument is missing, repeated or has a value that is not allowed.",
    hint: "See the command's options with --help.",
  },
  FILE_MISSING: { exit: 3, summary: "A file named on the command line does not exist.", hint: "Check the path." },
  FILE_UNREADABLE: {
    exit: 4,
    summary: "A file could not be read, or is larger than what it is read as may be.",
    hint: "Check that it is a file, who may read it, and its size.",
  },
  FILE_UNWRITABLE: {
    exit: 4,
    summary: "A result could not be written to a file.",
    hint: "Check the path, its permissions and the free space of the disk.",
  },
  OUTPUT_UNWRITABLE: {
    exit: 4,
    summary: "A result could not be written to standard output.",
    hint: "Check the free space of the disk it goes to, or name a file with --output.",
  },
  TIMED_OUT: {
    exit: 4,
    summary: "The time given with --timeout was over before the work was done.",
    hint: "Give a longer --timeout.",
    retryable: true,
  },
  UNEXPECTED: {
    exit: 4,
    summary: "Something failed that this program does not know; -v shows where.",
    hint: "Run it again with -v, and report what it shows.",
  },
};
