import type { ComponentFacts, DocumentFacts } from "../document-facts.ts";
import { isLicenseExpression } from "../license.ts";
import type { CheckCount, LintCheck } from "./check.ts";

function each(facts: DocumentFacts, passes: (component: ComponentFacts) => boolean): CheckCount {
  return { passed: facts.components.filter(passes).length, of: facts.components.length };
}

/** Components have names. */
const name: LintCheck = {
  id: "component-name",
  title: "name of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.name !== undefined),
};

/** Components have versions. */
const version: LintCheck = {
  id: "component-version",
  title: "version of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.version !== undefined),
};

/** Components say who stands behind them. */
const supplier: LintCheck = {
  id: "component-supplier",
  title: "supplier of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.supplier !== undefined),
};

/** Components can be found elsewhere by an identifier. */
const identifier: LintCheck = {
  id: "component-identifier",
  title: "purl or CPE of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.purl !== undefined || one.cpe !== undefined),
};

/** Components have a hash. */
const hash: LintCheck = {
  id: "component-hash",
  title: "hash of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.hashes.length > 0),
};

/** BSI TR-03183-2 demands SHA-512. */
const strongHash: LintCheck = {
  id: "component-sha512",
  title: "SHA-512 of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.hashes.some((algorithm) => /^sha-?512$/i.test(algorithm))),
};

/** Components have a licence. */
const license: LintCheck = {
  id: "component-license",
  title: "licence of each component",
  weight: 2,
  count: (facts) => each(facts, (one) => one.licenses.length > 0),
};

/** Licences are such as SPDX can express. */
const validLicense: LintCheck = {
  id: "component-license-valid",
  title: "SPDX licence of each component",
  weight: 1,
  count: (facts) => each(facts, (one) => one.licenses.length > 0 && one.licenses.every(isLicenseExpression)),
};

/** The questions asked of each component, by name. */
export const componentChecks: {
  readonly name: LintCheck;
  readonly version: LintCheck;
  readonly supplier: LintCheck;
  readonly identifier: LintCheck;
  readonly hash: LintCheck;
  readonly strongHash: LintCheck;
  readonly license: LintCheck;
  readonly validLicense: LintCheck;
} = { name, version, supplier, identifier, hash, strongHash, license, validLicense };
