import { type Inventory, type License, ScError } from "@sc/model";
import parseExpression from "spdx-expression-parse";
import { isLicenseExpression } from "./license.ts";
import { byCodeUnits } from "./order.ts";
import { quote } from "./read/token.ts";

type Expression = ReturnType<typeof parseExpression>;

/** Which licences packages may have, each one licence as SPDX writes it: `MIT`, `GPL-2.0-only WITH Classpath-…`. */
export interface LicensePolicy {
  /** Nothing but these; absent: anything. */
  readonly allow?: readonly string[] | undefined;
  /** None of these, whatever is allowed. */
  readonly deny?: readonly string[] | undefined;
  /** Whether a package without a licence that SPDX can express counts as denied. */
  readonly denyUnknown?: boolean | undefined;
}

/** One package that a policy does not accept. */
export interface LicenseViolation {
  readonly purl: string;
  /** The licence as an expression, or as it was declared. */
  readonly license: string;
  readonly reason: "denied" | "not-allowed" | "unknown";
}

/** How often one licence is there. */
export interface LicenseCount {
  /** An expression, or what was declared where it is none. */
  readonly license: string;
  readonly known: boolean;
  readonly packages: number;
}

/** The licences of an inventory, the most frequent first. */
export function countLicenses({ packages }: Inventory): {
  readonly licenses: LicenseCount[];
  readonly without: number;
} {
  const counts = new Map<string, { known: boolean; packages: number }>();
  for (const { licenses } of packages) {
    const unique = new Map(
      licenses.map(({ declared, expression }) => [expression ?? declared, expression !== undefined]),
    );
    for (const [license, known] of unique) {
      const count = counts.get(license);
      if (count === undefined) counts.set(license, { known, packages: 1 });
      else count.packages += 1;
    }
  }
  const licenses = [...counts].map(([license, { known, packages: count }]) => ({ license, known, packages: count }));
  return {
    licenses: licenses.toSorted(
      (left, right) => right.packages - left.packages || byCodeUnits(left.license, right.license),
    ),
    without: packages.filter((entry) => entry.licenses.length === 0).length,
  };
}

/**
 * The packages whose licences a policy does not accept. Of alternatives (`OR`) one must be acceptable, of what applies
 * together (`AND`, and several licences of a package) all.
 *
 * Throws `LICENSE_INVALID` when the policy names what is no single licence of SPDX.
 */
export function evaluateLicenses({ packages }: Inventory, policy: LicensePolicy): LicenseViolation[] {
  const allow = policy.allow === undefined ? undefined : new Set(policy.allow.map(singleLicense));
  const deny = new Set((policy.deny ?? []).map(singleLicense));
  const rules = { allow, deny, denyUnknown: policy.denyUnknown === true };
  return packages.flatMap(({ purl, licenses }) => {
    const judged: readonly License[] = licenses.length === 0 ? [{ declared: "" }] : licenses;
    return judged.flatMap((license) => {
      const reason = judge(license, rules);
      return reason === undefined ? [] : [{ purl, license: license.expression ?? license.declared, reason }];
    });
  });
}

interface Rules {
  readonly allow: ReadonlySet<string> | undefined;
  readonly deny: ReadonlySet<string>;
  readonly denyUnknown: boolean;
}

function judge({ expression }: License, { allow, deny, denyUnknown }: Rules): LicenseViolation["reason"] | undefined {
  if (expression === undefined || !isLicenseExpression(expression)) return denyUnknown ? "unknown" : undefined;
  const parsed = parseExpression(expression);
  if (!holds(parsed, (license) => !deny.has(license))) return "denied";
  if (allow === undefined) return undefined;
  return holds(parsed, (license) => allow.has(license) && !deny.has(license)) ? undefined : "not-allowed";
}

// Expressions have at most 2000 characters, so that the depth is bounded.
function holds(expression: Expression, accept: (license: string) => boolean): boolean {
  if (!("conjunction" in expression)) return accept(nameOf(expression));
  const left = holds(expression.left, accept);
  if (expression.conjunction === "or") return left || holds(expression.right, accept);
  return left && holds(expression.right, accept);
}

function nameOf(license: Exclude<Expression, { readonly conjunction: string }>): string {
  const later = license.plus === true ? "+" : "";
  const exception = "exception" in license ? ` WITH ${String(license.exception)}` : "";
  return `${license.license}${later}${exception}`;
}

function singleLicense(text: string): string {
  const parsed = isLicenseExpression(text) ? parseExpression(text) : undefined;
  if (parsed !== undefined && !("conjunction" in parsed)) return nameOf(parsed);
  throw new ScError("LICENSE_INVALID", `${quote(text)} is not one licence as SPDX writes it`, {
    hint: "Name licences one by one, by their SPDX identifiers.",
  });
}

/** The identifiers in a licence's expression, with what is said of exceptions. */
export function licenseIds({ expression }: License): string[] {
  if (expression === undefined || !isLicenseExpression(expression)) return [];
  const names: string[] = [];
  const stack: Expression[] = [parseExpression(expression)];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if ("conjunction" in next) stack.push(next.right, next.left);
    else names.push(nameOf(next));
  }
  return [...new Set([...names, expression])];
}
