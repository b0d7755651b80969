import type { CommandDefinition } from "../command.ts";
import { help } from "./help.ts";

/** Every command, in the order help shows them. */
export const commands: readonly CommandDefinition[] = [help];
