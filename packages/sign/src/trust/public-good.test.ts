import { expect, test } from "vitest";
import { loadPublicGoodRoot } from "./public-good.ts";
import { materialOf } from "./trust-material.ts";

test("the embedded public-good root is read without a network (SIGN-5)", async () => {
  const material = materialOf(await loadPublicGoodRoot());
  expect(material.tlogs.length).toBeGreaterThan(0);
  expect(material.ctlogs.length).toBeGreaterThan(0);
  expect(material.certificateAuthorities.length).toBeGreaterThan(0);
});
