import { reports, type ScanReport } from "@sc/scan";

/** A report in the form of that name. */
export function render(id: string, report: ScanReport, options = {}): string {
  const format = reports.find((known) => known.id === id);
  if (format === undefined) throw new Error(`there is no report ${id}`);
  return format.render(report, options);
}

/** The members of a JSON document. */
export function parse(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("not an object");
  return Object.fromEntries(Object.entries(value));
}

/** A value somewhere inside a parsed document. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return new Map<string, unknown>(Object.entries(inner)).get(String(step));
  }, value);
}
