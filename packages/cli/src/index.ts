export { optionsOf, parseArguments } from "./arguments.ts";
export { formatCommandReference } from "./command-reference.ts";
export { commands } from "./commands/index.ts";
export { cliErrorCodes } from "./error-codes.ts";
export { errorCodes, exitCodes } from "./exit-code.ts";
export { Interrupted } from "./interruption.ts";
export { type CommandLine, type InputStream, main, type OutputStream } from "./main.ts";
export { findRoute } from "./route.ts";
export { version } from "./version.ts";
