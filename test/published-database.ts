import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FetchDatabaseOptions } from "@sc/pipeline";
import { matchInventory, openDatabase } from "@sc/scan";
import { distribution, installed, inventoryOf } from "./matching-database.ts";
import { newKey } from "./sign-support.ts";

/** A day in milliseconds. */
export const day = 24 * 60 * 60 * 1000;
/** When the first database of these tests was built. */
export const builtAt = new Date("2026-11-20T04:10:00Z");
/** So many days after it. */
export const later = (days: number): Date => new Date(builtAt.getTime() + days * day);
/** Whose signature is accepted, and somebody else. */
export const [publisher, stranger] = [newKey(), newKey()];
/** A package that the advisories of these databases are about. */
export const npmPackage = inventoryOf([installed({ type: "npm", name: "left", version: "1.0.0" })]);
/** The same of a distribution. */
export const debianPackage = inventoryOf(
  [installed({ type: "deb", namespace: "debian", name: "left", version: "1.0.0" })],
  distribution("debian", "12"),
);

/** How a database is fetched by whoever accepts the publisher alone, the day after it was built. */
export function options(output: string, more: Partial<FetchDatabaseOptions> = {}): FetchDatabaseOptions {
  return { output, policy: { keys: [publisher.publicKey] }, now: later(1), ...more };
}

/** What a database knows of a package. */
export async function idsIn(database: string, inventory = npmPackage): Promise<readonly string[]> {
  await using opened = await openDatabase(database);
  return matchInventory(inventory, opened).findings.map(({ id }) => id);
}

/** The files of a database. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith("build.lock")).toSorted();
}

/** The same with what is in them. */
export async function contentsOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await namesIn(folder);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "base64")] as const)),
  );
}
