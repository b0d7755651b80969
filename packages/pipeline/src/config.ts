// The configuration alone, for a program that reads it first: where it turns everything off, the chain is not loaded.
export type { ConfiguredImage, LoadedConfig } from "./config/read-config.ts";
export {
  findConfigFile,
  loadConfigSchemas,
  loadConfigText,
  loadStackConfig,
  resolveConfig,
  type StackChoice,
} from "./load-config.ts";
