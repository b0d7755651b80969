import { findInConfig, readConfigFile } from "./config-file.ts";
import type { CredentialSource } from "./credential.ts";

/** Docker's config.json, with its credential helpers. */
export const dockerConfig: CredentialSource = {
  id: "docker-config",
  async find(target, options, call) {
    const { dockerConfig: path } = options;
    if (path === undefined) return {};
    const document = await readConfigFile(path, call.signal);
    const credential = document === undefined ? undefined : await findInConfig(document, target, { options, call });
    return credential === undefined ? { searched: path } : { credential };
  },
};
