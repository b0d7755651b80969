import { type ProvenanceExpectation, slsaProvenance1, verifyBundle, verifyProvenance } from "@sc/sign";
import { describe, expect, test } from "vitest";
import { bundleOf, image, newKey, outcomeOf, statementOf } from "./sign-support.ts";

const key = newKey();
const source = "https://git.example/acme/api";
const workflow = "https://builder.example/workflows/build.yml";

function verdictOn(ref: string, expected: Partial<ProvenanceExpectation>): Promise<string> {
  const predicate = slsaProvenance1({
    buildType: "https://build.example/v1",
    builderId: `${workflow}@refs/tags/v1.2.3`,
    source: { uri: source, ref },
    externalParameters: {},
    internalParameters: {},
    dependencies: [],
  });
  const payload = JSON.stringify(statementOf(image, { predicateType: "https://slsa.dev/provenance/v1", predicate }));
  const bytes = Buffer.from(bundleOf({ key: key.privateKey, payload }));
  const evidence = verifyBundle(bytes, { digest: image.digest }, { keys: [key.publicKey] });
  return outcomeOf(() => verifyProvenance(evidence, { source, builderId: workflow, ...expected }));
}

describe("a provenance", () => {
  test.each([
    ["v14", ["v14", "v14.0", "v14.0.0"], ["v14.1", "v14.0.1", "v1", "v15", "14", "v14.0.0.0", "v14-rc1"]],
    ["v14.2", ["v14", "v14.2", "v14.2.0"], ["v14.1", "v14.2.1", "v14.20", "v1"]],
    ["v1.2.3", ["v1", "v1.2", "v1.2.3"], ["v1.2.30", "v1.20", "v2", "v1.2.3-rc1", ""]],
    ["v1.2.3-rc1", [], ["v1", "v1.2", "v1.2.3", "v1.2.3-rc1"]],
  ])("of the tag %s is of those versions and no others (SIGN-6)", async (tag, accepted, refused) => {
    for (const versionedTag of accepted) {
      expect(await verdictOn(`refs/tags/${tag}`, { versionedTag }), versionedTag).toBe("accepted");
      expect(await verdictOn(`refs/heads/${tag}`, { versionedTag }), versionedTag).toBe("PROVENANCE_MISMATCH");
    }
    for (const versionedTag of refused) {
      expect(await verdictOn(`refs/tags/${tag}`, { versionedTag }), versionedTag).toBe("PROVENANCE_MISMATCH");
    }
  });

  test("is its builder's by the whole id, by the name and by the name with the tag in short (SIGN-6)", async () => {
    for (const builderId of [workflow, `${workflow}@v1.2.3`, `${workflow}@refs/tags/v1.2.3`]) {
      expect(await verdictOn("refs/heads/main", { builderId }), builderId).toBe("accepted");
    }
    for (const builderId of [
      "",
      workflow.slice(0, -1),
      `${workflow}@`,
      `${workflow}@v1.2`,
      `${workflow}@tags/v1.2.3`,
    ]) {
      expect(await verdictOn("refs/heads/main", { builderId }), builderId).toBe("PROVENANCE_MISMATCH");
    }
  });
});

test("Google Cloud Build's own form instead of a bundle is told by its name, with what to give (SIGN-6)", () => {
  const bytes = Buffer.from(JSON.stringify({ image_summary: {}, provenance_summary: {} }));
  const verify = (): unknown => verifyBundle(bytes, { digest: image.digest }, { keys: [key.publicKey] });
  expect(verify).toThrow(
    expect.objectContaining({
      code: "BUNDLE_VERSION_UNSUPPORTED",
      message: expect.stringContaining("Google Cloud Build's own form"),
      hint: expect.stringContaining("Cloud Build's form and keys"),
    }),
  );
});

test("a bare envelope that nobody signed is refused for that (SIGN-6)", () => {
  const bytes = Buffer.from(
    JSON.stringify({ payload: "", payloadType: "application/vnd.in-toto+json", signatures: [] }),
  );
  const verify = (): unknown => verifyBundle(bytes, { digest: image.digest }, { keys: [key.publicKey] });
  expect(verify).toThrow(
    expect.objectContaining({ code: "ENVELOPE_INVALID", message: expect.stringContaining("exactly one signature") }),
  );
});
