import type { ErrorCodes } from "@sc/model";

/** The codes that `@sc/policy` throws. */
export const policyErrorCodes: ErrorCodes = {
  WAIVER_INVALID: {
    exit: 3,
    summary: "A waiver has no reason, a date of expiry that is none, or would accept everything.",
    hint: "Give every entry an id, a reason and a date such as expires: 2027-01-31.",
  },
};
