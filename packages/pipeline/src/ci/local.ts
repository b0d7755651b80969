import type { CiPlatform } from "../ci-platform.ts";

/** A machine that is no build platform: what it says about itself nobody vouches for, and its builder id says so. */
export const localBuild: CiPlatform = {
  id: "local",
  name: "this machine",
  isPresent: () => true,
  read: () => ({
    buildType: "urn:sc:buildtype:local:v1",
    builderId: "urn:sc:builder:local",
    externalParameters: {},
    internalParameters: {},
    dependencies: [],
  }),
};
