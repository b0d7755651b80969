// What is used of a package that brings no types.

declare module "@secvisogram/csaf-validator-lib/validate.js" {
  import type { CsafTest } from "@secvisogram/csaf-validator-lib/mandatoryTests.js";

  export default function validate(
    tests: readonly CsafTest[],
    document: unknown,
  ): Promise<{
    readonly isValid: boolean;
    readonly tests: readonly {
      readonly name: string;
      readonly isValid: boolean;
      readonly errors: readonly { readonly instancePath: string; readonly message?: string }[];
    }[];
  }>;
}

declare module "@secvisogram/csaf-validator-lib/mandatoryTests.js" {
  export type CsafTest = (document: unknown) => unknown;
  export const mandatoryTest_6_1_1: CsafTest;
}

declare module "@secvisogram/csaf-validator-lib/schemaTests.js" {
  import type { CsafTest } from "@secvisogram/csaf-validator-lib/mandatoryTests.js";

  export const csaf_2_0_strict: CsafTest;
}
