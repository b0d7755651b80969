import { isScError } from "@sc/model";
import { describe, expect, test } from "vitest";
import { type Attempt, attemptsOf, hasSlsaData, readSlsaCases, type SlsaCase } from "./slsa-cases.ts";

interface Outcome {
  readonly answer: "pass" | "fail";
  readonly code: string;
  readonly why: string;
  /** The ref that the provenance is of, where another branch was wanted. */
  readonly ref?: string | undefined;
}

async function outcome(attempt: Attempt): Promise<Outcome> {
  try {
    await attempt.run();
    return { answer: "pass", code: "", why: "accepted" };
  } catch (error) {
    if (!isScError(error)) throw error;
    return { answer: "fail", code: error.code, why: `${error.code}: ${error.message}`, ref: error.facts["branch"] };
  }
}

// The suite's classes of errors as the codes that mean the same here.
const mismatch = ["PROVENANCE_MISMATCH"];
const unbelieved = ["PROVENANCE_MISMATCH", "BUILDER_UNTRUSTED"];
const codesByError: Readonly<Record<string, readonly string[]>> = {
  ErrorInvalidRef: mismatch,
  ErrorInvalidSignature: ["SIGNATURE_MISMATCH", "TRANSPARENCY_LOG_INVALID"],
  ErrorMismatchBranch: mismatch,
  ErrorMismatchHash: ["SUBJECT_MISMATCH"],
  ErrorMismatchPackageName: mismatch,
  ErrorMismatchPackageVersion: mismatch,
  ErrorMismatchSource: mismatch,
  ErrorMismatchTag: mismatch,
  ErrorMismatchWorkflowInputs: mismatch,
  ErrorMismatchVersionedTag: mismatch,
  ErrorMismatchBuilderID: unbelieved,
  ErrorInvalidBuilderID: unbelieved,
  ErrorNotSupported: unbelieved,
  ErrorUntrustedReusableWorkflow: unbelieved,
  ErrorMissingSubjectDigest: ["SUBJECT_MISMATCH"],
  ErrorMismatchVerifierID: ["SUMMARY_MISMATCH"],
  ErrorMismatchResourceURI: ["SUMMARY_MISMATCH"],
  ErrorMismatchVerifiedLevels: ["SUMMARY_MISMATCH"],
  ErrorInvalidVerificationResult: ["SUMMARY_MISMATCH"],
  ErrorNoValidSignature: ["SIGNATURE_MISMATCH"],
};

interface Expected {
  readonly answer: "pass" | "fail" | "either";
  readonly codes: readonly string[];
}

/** The answer that is right here: the suite's, but for five rules, the last where it is compared. */
function expected(slsa: SlsaCase, { bundled, onBranch }: Attempt): Expected {
  // 1. Other forms are refused whatever they say. A bare envelope (older generators, summaries) holds nothing that
  //    proves when its ten-minute certificate or its key was used, and no log is asked; Google Cloud Build has a form,
  //    and keys without a log, of its own.
  if (!bundled) return { answer: "fail", codes: ["BUNDLE_VERSION_UNSUPPORTED", "BUNDLE_INVALID"] };
  // 2. The suite wants the builder of every npm package named. Here a builder of the table is enough; what else is
  //    wrong with such a case is refused.
  const unnamed = slsa.test === "NpmPackage" && slsa.builderID === undefined;
  if (unnamed && slsa.err === "ErrorInvalidBuilderID") return { answer: "either", codes: mismatch };
  // 3. A builder counts as it was released, by its tag. The suite makes an exception for its own tests, whose builder
  //    may stand on a branch; nobody gets one here.
  if (onBranch && slsa.test === "GHAArtifactPath") return { answer: "fail", codes: unbelieved };
  // 4. The id that an envelope gives its key is a hint that nobody signed: whether it is the one by which the suite
  //    knows the key is not asked. Such a case names no subject, and is refused for that.
  if (slsa.test === "VSA" && slsa.subjectDigests === undefined) return { answer: "fail", codes: ["SUBJECT_MISMATCH"] };
  return { answer: slsa.expect, codes: codesByError[slsa.err ?? ""] ?? [] };
}

describe.skipIf(!hasSlsaData)("the cases of slsa-verifier", () => {
  const cases = readSlsaCases();

  test("are there, and with files", () => {
    expect(cases.flatMap(attemptsOf).length).toBeGreaterThan(0);
  });

  test.for(cases.map((slsa) => [`${slsa.test}: ${slsa.name}`, slsa] as const))(
    "%s ends as expected (SIGN-6)",
    async ([, slsa], { skip }) => {
      const attempts = attemptsOf(slsa);
      skip(attempts.length === 0, "no file that the case is about is in the folder");
      const wrong: string[] = [];
      for (const attempt of attempts) {
        const { answer, code, why, ref } = await outcome(attempt);
        const wanted = expected(slsa, attempt);
        const right =
          // 5. What was built from a tag is of no branch here; the suite takes the branch that the tag was pushed from.
          ref?.startsWith('"refs/tags/') === true ||
          ((wanted.answer === "either" || answer === wanted.answer) &&
            (answer === "pass" || wanted.codes.includes(code)));
        if (!right) wrong.push(`${attempt.at}: ${why}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});
