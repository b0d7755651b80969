import { digestOf } from "@sc/model";
import { expect, test } from "vitest";
import { catalogers } from "./cataloger-list.ts";
import { catalogersVersion } from "./catalogers-version.ts";

test("the version of all catalogers is that of the list: write the value that is expected here into catalogers-version.ts (RUN-3)", () => {
  const listed = catalogers.map(({ id, version }) => `${id} ${version}`).join("\n");
  expect(catalogersVersion).toBe(digestOf(listed).slice("sha256:".length, "sha256:".length + 16));
});
