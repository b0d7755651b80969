import type { LintCheck } from "./check.ts";
import { componentChecks as component } from "./component-checks.ts";
import { documentChecks as document } from "./document-checks.ts";

/** A published list of what a document must say. */
export interface LintProfile {
  readonly id: "ntia" | "cisa" | "bsi";
  readonly title: string;
  readonly checks: readonly LintCheck[];
}

/** The profiles, the default first. */
export const lintProfiles: readonly LintProfile[] = [
  {
    id: "ntia",
    title: "NTIA minimum elements (2021)",
    checks: [
      document.maker,
      document.timestamp,
      component.supplier,
      component.name,
      component.version,
      component.identifier,
      document.relationships,
    ],
  },
  {
    id: "cisa",
    title: "CISA minimum elements (draft of 2025)",
    checks: [
      document.author,
      document.timestamp,
      document.tool,
      document.context,
      component.supplier,
      component.name,
      component.version,
      component.identifier,
      component.hash,
      component.license,
      document.relationships,
      document.completeness,
    ],
  },
  {
    id: "bsi",
    title: "BSI TR-03183-2 v2.1.0",
    checks: [
      document.currentFormat,
      document.authorAddress,
      document.timestamp,
      document.identifier,
      document.primary,
      component.supplier,
      component.name,
      component.version,
      component.identifier,
      component.strongHash,
      component.license,
      component.validLicense,
      document.relationships,
      document.completeness,
      document.noVulnerabilities,
    ],
  },
];
