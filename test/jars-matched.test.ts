import { join } from "node:path";
import { takeInventory } from "@sc/sbom";
import { describe, expect, test } from "vitest";
import { caseLayers } from "./folder-layer.ts";
import { matchRecords } from "./matching-database.ts";

const groups = join(import.meta.dirname, "../vectors/catalogers/java-archives/groups");

function record(id: string, name: string, fixed: string) {
  const ranges = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }];
  return { id, modified: "2026-01-01T00:00:00Z", affected: [{ package: { ecosystem: "Maven", name }, ranges }] };
}

describe("jars without Maven's own files (SCAN-4)", () => {
  test("have the names that advisories have, and no other's", async () => {
    const inventory = await takeInventory({ subject: { type: "image", name: "case" }, layers: caseLayers(groups) });
    const records = [
      record("SPRING-1", "org.springframework:spring-web", "5.3.21"),
      record("SPRING-2", "org.springframework:spring-web", "5.3.20"),
      record("TOMCAT-1", "org.apache.tomcat:tomcat-catalina", "9.0.61"),
      record("AXIS-1", "org.apache.axis:axis", "1.5"),
      record("IVY-1", "org.apache.ivy:ivy", "2.5.1"),
      record("BRIDGE-1", "org.apache.logging.log4j:log4j-1.2-api", "2.17.2"),
      record("OTHER-1", "com.example:spring-web", "10"),
    ];
    const { findings } = await matchRecords(records, inventory);
    expect(findings.map(({ id, package: { version } }) => `${id} ${version}`).toSorted()).toEqual([
      "AXIS-1 1.4",
      "BRIDGE-1 2.17.1",
      "IVY-1 2.5.0",
      "SPRING-1 5.3.20",
      "TOMCAT-1 9.0.60",
    ]);
  });
});
