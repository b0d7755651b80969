import { findInConfig, readConfigFile } from "./config-file.ts";
import type { CredentialSource } from "./credential.ts";

/** podman's, buildah's and skopeo's auth.json. */
export const podmanAuth: CredentialSource = {
  id: "podman-auth",
  async find(target, options, call) {
    const { podmanAuth: paths = [] } = options;
    for (const path of paths) {
      const document = await readConfigFile(path, call.signal);
      const credential = document === undefined ? undefined : await findInConfig(document, target, { options, call });
      if (credential !== undefined) return { credential };
    }
    return paths.length === 0 ? {} : { searched: paths.join(", ") };
  },
};
