import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  attestBlob,
  builderIdentities,
  createKeySigner,
  type Signer,
  trustedBuilders,
  verifyBundle,
  verifyProvenance,
} from "@sc/sign";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentOf, runCli } from "./run-cli.ts";
import { Authorities, issuerExtension, signerIdentity } from "./sign-authorities.ts";
import { newKey, outcomeOf } from "./sign-support.ts";

const source = "https://github.com/acme/api";
const inputs = { version: "1.2.3", dry_run: "false", count: "3" };

let at: Authorities;
beforeAll(async () => {
  at = await Authorities.start();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

const workflowType = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1";

/** A provenance of version 1, as a generator on GitHub writes it. */
function version1(definition: object): object {
  return {
    buildDefinition: {
      buildType: workflowType,
      externalParameters: {},
      internalParameters: {},
      resolvedDependencies: [{ uri: `git+${source}@refs/heads/main` }],
      ...definition,
    },
    runDetails: { builder: { id: signerIdentity.subject } },
  };
}

function version02(invocation: object): object {
  return {
    builder: { id: signerIdentity.subject },
    buildType: "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
    invocation: { configSource: { uri: `git+${source}@refs/heads/main` }, ...invocation },
  };
}

const dispatched = { github_event_name: "workflow_dispatch", github_event_payload: { inputs } };
const ofGithub = { github: { event_name: "workflow_dispatch" } };

/** Every form in which inputs are said, by its name. */
const forms: Readonly<Record<string, readonly [type: string, predicate: object]>> = {
  "version 1, in the external parameters": [
    "slsaprovenance1",
    version1({ externalParameters: { inputs }, internalParameters: ofGithub }),
  ],
  "version 1, in the event": [
    "slsaprovenance1",
    version1({
      buildType: "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0",
      // What one workflow called the other with is nothing that somebody started it with.
      externalParameters: { inputs: { version: "9.9.9" } },
      internalParameters: { GITHUB_EVENT_NAME: "workflow_dispatch", GITHUB_EVENT_PAYLOAD: { inputs } },
    }),
  ],
  "version 0.2, in the event": ["slsaprovenance", version02({ environment: dispatched })],
  "version 0.2, in event and parameters": [
    "slsaprovenance",
    version02({ environment: dispatched, parameters: { event_inputs: inputs } }),
  ],
};

/** Whether somebody with this trigger in the certificate may say this, and the inputs are those that are wanted. */
async function verdict(
  [type, predicate]: readonly [string, object],
  workflowInputs: Readonly<Record<string, string>>,
  trigger = "workflow_dispatch",
): Promise<string> {
  const triggered = { oid: "1.3.6.1.4.1.57264.1.20", value: trigger };
  const signer: Signer = await at.certified({ extensions: [issuerExtension, triggered] }, [at.rekor(1)]);
  const blob = Buffer.from("content");
  const bundle = await attestBlob(blob, signer, { type, predicate: JSON.parse(JSON.stringify(predicate)) });
  const by = at.policy(undefined, { identities: builderIdentities(trustedBuilders) });
  const evidence = verifyBundle(bundle, { bytes: blob }, by);
  return await outcomeOf(() => verifyProvenance(evidence, { source, workflowInputs }));
}

describe.each(Object.entries(forms))("what a workflow was started with by hand, %s (SIGN-6)", (_name, form) => {
  test("is compared exactly; what is not asked for may be anything", async () => {
    expect(await verdict(form, { version: "1.2.3" })).toBe("accepted");
    expect(await verdict(form, inputs)).toBe("accepted");
    expect(await verdict(form, {})).toBe("accepted");
    for (const wrong of [{ version: "1.2.4" }, { version: "1.2" }, { Version: "1.2.3" }, { ...inputs, missing: "" }])
      expect(await verdict(form, wrong)).toBe("PROVENANCE_MISMATCH");
    expect(await verdict(form, { constructor: "x" })).toBe("PROVENANCE_MISMATCH");
  });

  test("counts only where the platform's certificate says that it was started so", async () => {
    expect(await verdict(form, { version: "1.2.3" }, "push")).toBe("PROVENANCE_MISMATCH");
    expect(await verdict(form, {}, "push")).toBe("accepted");
  });
});

describe("the inputs of a workflow (SIGN-6)", () => {
  test("said of another event are none", async () => {
    const pushed = { ...dispatched, github_event_name: "push" };
    expect(await verdict(["slsaprovenance", version02({ environment: pushed })], { version: "1.2.3" })).toBe(
      "PROVENANCE_MISMATCH",
    );
  });

  test("said in two places must be the same in both", async () => {
    const other = version02({ environment: dispatched, parameters: { event_inputs: { ...inputs, version: "2" } } });
    expect(await verdict(["slsaprovenance", other], { version: "1.2.3" })).toBe("PROVENANCE_MISMATCH");
    expect(await verdict(["slsaprovenance", other], { version: "2" })).toBe("PROVENANCE_MISMATCH");
    expect(await verdict(["slsaprovenance", other], { count: "3" })).toBe("accepted");
  });

  test("may be written as switches and numbers, and not as anything else", async () => {
    const typed = { dry_run: false, count: 3, version: ["1.2.3"] };
    const form = ["slsaprovenance1", version1({ externalParameters: { inputs: typed } })] as const;
    expect(await verdict(form, { dry_run: "false", count: "3" })).toBe("accepted");
    expect(await verdict(form, { version: "1.2.3" })).toBe("PROVENANCE_INVALID");
  });

  test("that are not said are none that were asked for", async () => {
    expect(await verdict(["slsaprovenance1", version1({})], { version: "1.2.3" })).toBe("PROVENANCE_MISMATCH");
    const plain = version1({
      buildType: "https://actions.github.io/buildtypes/workflow/v1",
      externalParameters: { inputs },
    });
    expect(await verdict(["slsaprovenance1", plain], { version: "1.2.3" })).toBe("PROVENANCE_MISMATCH");
  });
});

describe("sc provenance verify", () => {
  const folder = mkdtempSync(join(tmpdir(), "sc-inputs-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("asks for inputs, branch, tag, version and level by its own options and slsa-verifier's (SIGN-6)", async () => {
    await using registry = await startRegistry();
    const reference = pushImage(registry, "acme/api:1", buildImage({ layers: [buildLayer([])] }));
    const key = newKey();
    const pem = key.privateKey.export({ type: "pkcs8", format: "pem" });
    writeFileSync(join(folder, "key.pem"), pem);
    writeFileSync(join(folder, "key.pub"), key.publicKey.pem);
    expect(createKeySigner(key.privateKey).publicKey?.id).toBe(key.publicKey.id);
    const variables = { HOME: folder, LANG: "C.UTF-8" };
    const predicate = version02({
      configSource: { uri: `git+${source}@refs/tags/v1.2.3`, digest: { sha1: "a".repeat(40) } },
      environment: dispatched,
    });
    writeFileSync(join(folder, "provenance.json"), JSON.stringify(predicate));
    const attest = [
      "attest",
      "-i",
      reference,
      "--type",
      "slsaprovenance",
      "--predicate",
      join(folder, "provenance.json"),
    ];
    expect((await runCli([...attest, "--key", join(folder, "key.pem")], { variables })).exitCode).toBe(0);
    const asked = ["provenance", "verify", "-i", reference, "--key", join(folder, "key.pub"), "--json"];
    const verdictOf = async (...words: readonly string[]): Promise<unknown> => {
      const named = ["--source-uri", "github.com/acme/api", "--builder-id", signerIdentity.subject];
      const ran = await runCli([...asked, ...named, ...words], { variables });
      return ran.exitCode === 0 ? "accepted" : Reflect.get(Object(documentOf(ran)["error"]), "code");
    };
    const right = [
      ["--expected-workflow-input", "version=1.2.3"],
      ["--build-workflow-input", "version=1.2.3", "--build-workflow-input", "count=3"],
      ["--expected-tag", "v1.2.3", "--min-level", "1"],
      ["--source-tag", "v1.2.3"],
      ["--expected-versioned-tag", "v1.2"],
      ["--source-versioned-tag", "v1"],
    ];
    for (const words of right) expect([words, await verdictOf(...words)]).toEqual([words, "accepted"]);
    const wrong = [
      ["--expected-workflow-input", "version=1.2"],
      ["--expected-branch", "main"],
      ["--source-branch", "v1.2.3"],
      ["--expected-tag", "v1.2"],
      ["--expected-versioned-tag", "v1.20"],
      ["--min-level", "2"],
    ];
    for (const words of wrong) expect([words, await verdictOf(...words)]).toEqual([words, "PROVENANCE_MISMATCH"]);
    const twice = ["--expected-workflow-input", "version=1", "--expected-workflow-input", "version=1.2.3"];
    for (const words of [twice, ["--expected-workflow-input", "version"], ["--min-level", "4"]])
      expect([words, await verdictOf(...words)]).toEqual([words, "CLI_USAGE"]);
  });
});
