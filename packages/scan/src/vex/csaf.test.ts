import { expect, test } from "vitest";
import { readVex } from "./read.ts";

test("a product that CSAF lists a thousand times is one statement with its reasons once (SCAN-5, G 32)", () => {
  const ids = Array.from({ length: 1000 }, () => "p");
  const document = {
    document: { csaf_version: "2.0" },
    product_tree: {
      full_product_names: [
        { name: "a", product_id: "p", product_identification_helper: { purl: "pkg:npm/a@1" } },
        { name: "b", product_id: "q", product_identification_helper: { purl: "pkg:npm/b@1" } },
      ],
    },
    vulnerabilities: [
      {
        cve: "CVE-2026-1000",
        flags: [
          { label: "component_not_present", product_ids: ids },
          { label: "of another", product_ids: ["q"] },
        ],
        threats: [{ details: "It is not called.", product_ids: ["p", "q"] }],
        product_status: { known_not_affected: [...ids, "q"] },
      },
    ],
  };
  const { statements } = readVex(Buffer.from(JSON.stringify(document)), "vendor.json");
  expect(statements.map(({ reason }) => reason)).toEqual([
    "component_not_present: It is not called.",
    "of another: It is not called.",
  ]);
});
