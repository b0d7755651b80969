import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/**
 * Every flaw of tools like this one that is known to us: the names it has, of which a test must carry one. What cannot
 * happen here is said with the reason.
 */
const learnt: readonly (readonly [names: readonly string[], cannotHappen?: string])[] = [
  [["GHSA-fx35-mq7g-6g98"]],
  [["CVE-2026-39395", "GHSA-w6c6-c85g-mmv6"]],
  [["CVE-2026-22703", "GHSA-whqx-f9j3-ch6m"]],
  [["CVE-2022-36056", "GHSA-8gw7-4j42-w388"]],
  [["CVE-2022-35929", "GHSA-vjxv-45g9-9296"]],
  [["CVE-2022-23649", "GHSA-ccxc-vr6p-4858"]],
  [["CVE-2023-46737", "GHSA-vfp6-jrw2-99g9"]],
  [["CVE-2024-29902", "GHSA-88jx-383q-w4qc"]],
  [["CVE-2024-29903", "GHSA-95pr-fxf5-86gv"]],
  [["CVE-2026-48816", "GHSA-xgjw-pm74-86q4"]],
  [["CVE-2026-48815", "GHSA-52v5-jr5w-gjxr"]],
  [["sigstore-js verify 4.1.1"]],
  [["CVE-2026-31830"]],
  [["CVE-2024-53267"]],
  [["CVE-2026-24408"], "no browser is opened for an identity: there is no OAuth state to compare"],
  [["CVE-2024-45395"]],
  [["sigstore-go dbb07e6"]],
  [["sigstore-go 618325f"]],
  [["sigstore-go #642"]],
  [["GHSA-xm5m-wgh2-rrg3"]],
  [["CVE-2026-22772", "GHSA-59jp"]],
  [["CVE-2025-66506", "GHSA-f83f"]],
  [["CVE-2025-66564"]],
  [["CVE-2026-24137", "GHSA-fcv2-xgw5-pqxf"]],
  [["GHSA-4c4x"]],
  [["GHSA-273p"]],
  [["GHSA-843x"]],
  [["CVE-2026-122321"]],
  [["CVE-2025-29778", "GO-2025-3562"]],
  [["GHSA-m3cq-xcx9-3gvm"]],
  [["Kyverno #2739"]],
  [["policy-controller #1971"]],
  [["CVE-2023-33957"]],
  [["CVE-2023-33958"]],
  [["CVE-2023-33959"]],
  [["CVE-2024-23332"]],
  [["GHSA-r2xv-vpr2-42m9"]],
  [["GHSA-vmvj"]],
  [["GHSA-v6px"]],
  [["GHSA-rgp5"]],
  [["GHSA-5qp5"]],
  [
    ["GHSA-r4fv", "GHSA-pgpm", "GHSA-mpvw", "GHSA-g9jx", "GHSA-c346", "GHSA-567m", "GHSA-3vpg", "GHSA-2v4r"],
    "the rest of go-witness' batch is about its policy language and its attestors: steps, commands looked up in PATH, product files behind links. There are none here; an empty policy, an identity that anybody has, and a digest of another strength are refused by tests of their own",
  ],
  [["GHSA-xf85"]],
  [["GHSA-jxpm"]],
  [["GHSA-vh4v"]],
  [["GHSA-f36w"]],
  [["GHSA-298f"]],
  [["GHSA-8xwf"]],
  [["CVE-2026-33895"]],
  [["CVE-2026-33896"]],
  [["GHSA-g2pf-6v5v-qcc8"], "no policy is fetched from anywhere: a file that the user names is what is evaluated"],
];

const root = join(import.meta.dirname, "..");
const names = globSync(["packages/*/src/**/*.test.ts", "test/*.test.ts"], { cwd: root })
  .filter((path) => !path.endsWith("advisories-learnt.test.ts"))
  .map((path) => readFileSync(join(root, path), "utf8"))
  .join("\n");

describe("a flaw that another tool had", () => {
  test.each(learnt.filter(([, cannotHappen]) => cannotHappen === undefined).map(([ids]) => ids))(
    "%s is the name of a test",
    (...ids) => {
      expect(ids.some((id) => names.includes(id))).toBe(true);
    },
  );

  test("or cannot happen here, and then no test claims it", () => {
    for (const [ids, cannotHappen = ""] of learnt.filter(([, reason]) => reason !== undefined)) {
      expect(cannotHappen.length).toBeGreaterThan(40);
      expect(ids.filter((id) => names.includes(id))).toEqual([]);
    }
  });
});
