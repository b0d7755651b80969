import { digestHex, digestOf, type JsonObject, type License } from "@sc/model";
import parseExpression from "spdx-expression-parse";

/** The licences of one document: SPDX wants every reference that its list lacks explained in the document itself. */
export class DocumentLicenses {
  readonly #extracted = new Map<string, string>();

  /** One expression for all licences of a package; names without an expression become references. */
  expressionOf(licenses: readonly License[]): string {
    if (licenses.length === 0) return "NOASSERTION";
    const parts = licenses.map(({ declared, expression }) => {
      if (expression === undefined) return this.#reference(declared);
      for (const name of referencesIn(expression)) this.#extracted.set(name, name);
      return expression;
    });
    if (parts.length === 1) return parts[0] ?? "NOASSERTION";
    return parts.map((part) => (part.includes(" ") ? `(${part})` : part)).join(" AND ");
  }

  #reference(declared: string): string {
    const id = `LicenseRef-sc-${digestHex(digestOf(declared)).slice(0, 16)}`;
    this.#extracted.set(id, declared);
    return id;
  }

  /** The explanations, by reference, in their order. */
  extracted(): JsonObject[] {
    return [...this.#extracted.keys()].toSorted().map((licenseId) => ({
      licenseId,
      name: "NOASSERTION",
      extractedText: this.#extracted.get(licenseId),
    }));
  }
}

function referencesIn(expression: string): string[] {
  if (!expression.includes("LicenseRef-")) return [];
  const names: string[] = [];
  const stack: ReturnType<typeof parseExpression>[] = [parseExpression(expression)];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if ("conjunction" in next) stack.push(next.left, next.right);
    else if (next.license.startsWith("LicenseRef-")) names.push(next.license);
  }
  return names;
}
