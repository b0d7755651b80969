import { binaries } from "./binaries.ts";
import type { HostileInput } from "./input.ts";
import { json } from "./json.ts";
import { records } from "./records.ts";
import { texts } from "./texts.ts";

/** Every kind of input that parsers are held against, by the tests for what they do and by the bench for what it costs. */
export const hostileInputs: readonly HostileInput[] = [...texts, ...records, ...json, ...binaries];
