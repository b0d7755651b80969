import type { CommandDefinition } from "../command.ts";
import { dbBuild } from "./db-build.ts";
import { dbStatus } from "./db-status.ts";
import { help } from "./help.ts";
import { imageSign } from "./image-sign.ts";
import { imageVerify } from "./image-verify.ts";
import { keyGenerate } from "./key-generate.ts";

/** Every command, in the order help shows them. */
export const commands: readonly CommandDefinition[] = [imageSign, imageVerify, keyGenerate, dbBuild, dbStatus, help];
