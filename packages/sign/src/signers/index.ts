import type { SignerScheme } from "../key-reference.ts";
import { envScheme } from "./env.ts";
import { fileScheme } from "./file.ts";
import { httpsScheme } from "./https.ts";

/** Where keys may be: the first scheme that claims a reference serves it. */
export const signerSchemes: readonly SignerScheme[] = [envScheme, httpsScheme, fileScheme];
