import type { Decoder } from "@sc/model";
import type { VexDocument, VexProduct, VexStatement, VexStatus } from "./statement.ts";

const states: ReadonlyMap<string, VexStatus> = new Map<string, VexStatus>([
  ["not_affected", "not_affected"],
  ["false_positive", "not_affected"],
  ["resolved", "fixed"],
  ["resolved_with_pedigree", "fixed"],
  ["exploitable", "affected"],
  ["in_triage", "under_investigation"],
]);

const maxDepth = 20;

/**
 * What the analyses of a CycloneDX document say of its own components, and of those that it refers to by purl. A
 * vulnerability without analysis says nothing. Throws `DECODE_FAILED`.
 *
 * @see https://cyclonedx.org/capabilities/vex/
 */
export function readCycloneDxVex(document: Decoder, source: string): VexDocument {
  const components = new Map<string, readonly string[]>();
  const metadata = document.member("metadata");
  const main = metadata.absent ? undefined : metadata.member("component");
  if (main?.absent === false) collect(main, components, 0);
  for (const component of list(document.member("components"))) collect(component, components, 0);
  const stamp = metadata.absent ? undefined : metadata.member("timestamp").optional((text) => text.string());
  const context = { components, source, time: stamp === undefined ? 0 : Date.parse(stamp) || 0 };
  return {
    format: "cyclonedx",
    statements: list(document.member("vulnerabilities")).flatMap((found) => readVulnerability(found, context)),
  };
}

interface Context {
  readonly components: ReadonlyMap<string, readonly string[]>;
  readonly source: string;
  readonly time: number;
}

function list(value: Decoder): readonly Decoder[] {
  return value.optional((present) => present.array()) ?? [];
}

function collect(component: Decoder, components: Map<string, readonly string[]>, depth: number): void {
  const ref = component.member("bom-ref").optional((text) => text.string());
  if (ref !== undefined) components.set(ref, namesOf(component));
  if (depth >= maxDepth) return;
  for (const inner of list(component.member("components"))) collect(inner, components, depth + 1);
}

function namesOf(component: Decoder): readonly string[] {
  const purl = component.member("purl").optional((text) => text.string());
  return purl === undefined ? [] : [purl];
}

function readVulnerability(value: Decoder, context: Context): readonly VexStatement[] {
  const analysis = value.member("analysis");
  const state = analysis.absent ? undefined : analysis.member("state").optional((text) => text.string());
  const status = state === undefined ? undefined : states.get(state);
  const id = value.member("id").optional((text) => text.string());
  if (status === undefined || id === undefined) return [];
  const updated = analysis.member("lastUpdated").optional((text) => Date.parse(text.string()));
  const texts = ["justification", "detail"].flatMap((name) => analysis.member(name).optional((t) => t.string()) ?? []);
  const others = list(value.member("references")).flatMap(
    (entry) => entry.member("id").optional((t) => t.string()) ?? [],
  );
  return [
    {
      ids: [id, ...others],
      products: list(value.member("affects")).flatMap((entry) =>
        readProduct(entry, context, status === "not_affected" || status === "fixed"),
      ),
      status,
      reason: texts.join(": "),
      time: updated === undefined || Number.isNaN(updated) ? context.time : updated,
      source: context.source,
    },
  ];
}

function readProduct(entry: Decoder, { components }: Context, takesOut: boolean): readonly VexProduct[] {
  const ref = entry.member("ref").string();
  // urn:cdx:serial/version#ref names a component of another document.
  const [, link] = /^urn:cdx:[^#]*#(.*)$/s.exec(ref) ?? [];
  const names = components.get(ref) ?? [link === undefined ? ref : decodeReference(link)];
  return names.length === 0 ? [] : [{ names, parts: [], ...(takesOut ? readVersions(entry) : {}) }];
}

// Of a component whose versions are listed, only those that the list calls unaffected are: without a status a version is
// affected, as the schema says, whatever the analysis.
function readVersions(entry: Decoder): Pick<VexProduct, "versions"> {
  const versions = entry.member("versions").optional((present) => present.array());
  if (versions === undefined) return {};
  const unaffected = versions.filter((one) => one.member("status").value === "unaffected");
  const textsOf = (name: string): readonly string[] =>
    unaffected.flatMap((one) => one.member(name).optional((text) => text.string()) ?? []);
  return { versions: { exact: textsOf("version"), ranges: textsOf("range") } };
}

function decodeReference(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
