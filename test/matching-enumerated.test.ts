import { basename, dirname } from "node:path";
import { matchInventory, versionSchemes } from "@sc/scan";
import { describe, expect, test } from "vitest";
import { dataFolder } from "./data-folder.ts";
import { zipsOf } from "./matching-records.ts";
