import { archiveErrorCodes } from "@sc/archive";
import { httpErrorCodes } from "@sc/http";
import { type ErrorCode, type ErrorCodes, isScError, modelErrorCodes, type ScError } from "@sc/model";
import { ociErrorCodes } from "@sc/oci";
import { pipelineErrorCodes } from "@sc/pipeline";
import { policyErrorCodes } from "@sc/policy";
import { rootfsErrorCodes } from "@sc/rootfs";
import { sbomErrorCodes } from "@sc/sbom";
import { scanErrorCodes } from "@sc/scan";
import { signErrorCodes } from "@sc/sign";
import { cliErrorCodes } from "./error-codes.ts";

/** Every code that an error of this program may carry, from all packages. */
export const errorCodes: ErrorCodes = {
  ...modelErrorCodes,
  ...httpErrorCodes,
  ...archiveErrorCodes,
  ...ociErrorCodes,
  ...rootfsErrorCodes,
  ...scanErrorCodes,
  ...signErrorCodes,
  ...policyErrorCodes,
  ...sbomErrorCodes,
  ...pipelineErrorCodes,
  ...cliErrorCodes,
};

/** What each exit code says. The same in every command. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: "success",
  1: "checked, and the answer is no: a policy is violated, a verification failed, a filter left nothing",
  2: "a needed dependency is missing, such as an advisory database",
  3: "configuration or usage error",
  4: "could not be completed: network, registry, disk, corrupt input (SC_EXIT_COMPAT=1 makes it 1)",
  130: "interrupted",
};

const unexpected: ErrorCode = { exit: 4, summary: "Something failed that this program does not know." };

/** The row of an error: by its code, or that of an unexpected failure. */
export function rowOf(error: unknown): ErrorCode {
  if (!isScError(error)) return unexpected;
  return rowOfCode(error.code) ?? unexpected;
}

/** The row of a code; `undefined` for one that no package has. */
export function rowOfCode(code: string): ErrorCode | undefined {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code] : undefined;
}

/** A code as people see it: `REGISTRY_DENIED` is `SC-REGISTRY-DENIED`. */
export function displayCode(code: string): string {
  return `SC-${code.replaceAll("_", "-")}`;
}

/** Whether the same call may succeed later without anything being changed. */
export function isRetryable(error: ScError): boolean {
  return error.retryable ?? rowOf(error).retryable ?? false;
}

/** What to do about an error: what it says itself, else what the table says of its code. */
export function hintOf(error: ScError): string | undefined {
  return error.hint ?? rowOf(error).hint;
}
