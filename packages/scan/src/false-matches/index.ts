import type { FalseMatch } from "../false-match.ts";
import { bundledByNpm } from "./bundled-by-npm.ts";
import { distributionOwned } from "./distribution-owned.ts";
import { kernelHeaders } from "./kernel-headers.ts";
import { vendorRebuild } from "./vendor-rebuild.ts";

/** Every kind of match that is set aside; of several that hold the first gives the reason. */
export const falseMatches: readonly FalseMatch[] = [kernelHeaders, vendorRebuild, distributionOwned, bundledByNpm];
