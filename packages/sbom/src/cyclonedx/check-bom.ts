import { isSupportedSpdxId } from "@cyclonedx/cyclonedx-library/SPDX";
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type Problem } from "@sc/model";
import { limits } from "../limits.ts";
import { quote } from "../read/token.ts";

/** What is wrong with a value; `undefined` when nothing is. */
type Check = (value: JsonValue, version: number) => string | undefined;

function oneOf(...allowed: readonly string[]): Check {
  return (value) =>
    typeof value === "string" && allowed.includes(value) ? undefined : "is none that the standard has";
}

/** The object's member by a check; absent members are no fault. */
function member(name: string, check: Check): Check {
  return (value, version) => {
    const inner = isJsonObject(value) ? value[name] : undefined;
    const wrong = inner === undefined ? undefined : check(inner, version);
    return wrong === undefined ? undefined : `${name} ${shown(inner)} ${wrong}`;
  };
}

function needs(...names: readonly string[]): Check {
  return (value) => {
    const lacking = names.find((name) => !isJsonObject(value) || typeof value[name] !== "string" || value[name] === "");
    return lacking === undefined ? undefined : `lacks its ${lacking}`;
  };
}

function shown(value: JsonValue | undefined): string {
  return typeof value === "string" ? quote(value) : "";
}

function all(...checks: readonly Check[]): Check {
  return (value, version) => {
    for (const check of checks) {
      const wrong = check(value, version);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

/** Since 1.7 a component from elsewhere may have a range in the place of its version. */
const versionOrRange: Check = (value) => {
  if (!isJsonObject(value) || value["versionRange"] === undefined) return undefined;
  if (value["version"] !== undefined) return "has both a version and a range of versions";
  // XML has it as text.
  const isExternal = value["isExternal"] === true || value["isExternal"] === "true";
  return isExternal ? undefined : "has a range of versions, but is not external";
};

const component: Check = all(
  needs("type", "name"),
  versionOrRange,
  member(
    "type",
    oneOf(
      ..."application framework library container platform operating-system device".split(" "),
      ..."device-driver firmware file machine-learning-model data cryptographic-asset".split(" "),
    ),
  ),
  member("scope", oneOf("required", "optional", "excluded")),
  member("swid", needs("tagId", "name")),
);

const hexLengths: readonly (readonly [algorithm: RegExp, length: number])[] = [
  [/^MD5$/, 32],
  [/^SHA-1$/, 40],
  [/256$/, 64],
  [/384$/, 96],
  [/512$/, 128],
];

const hashAlgorithms: ReadonlySet<string> = new Set([
  ..."MD5 SHA-1 SHA-256 SHA-384 SHA-512 SHA3-256 SHA3-384 SHA3-512".split(" "),
  ..."BLAKE2b-256 BLAKE2b-384 BLAKE2b-512 BLAKE3 Streebog-256 Streebog-512".split(" "),
]);

const hash: Check = (value) => {
  const { alg, content } = isJsonObject(value) ? value : {};
  if (typeof alg !== "string" || typeof content !== "string") return "is no hash";
  if (!hashAlgorithms.has(alg)) return `has the algorithm ${quote(alg)}, which the standard has not`;
  const length = hexLengths.find(([algorithm]) => algorithm.test(alg))?.[1];
  if (!/^[0-9a-f]+$/i.test(content)) return "is not hexadecimal";
  return length === undefined || content.length === length ? undefined : `is not as long as one of ${quote(alg)}`;
};

const license: Check = (value) => {
  if (!isJsonObject(value)) return "is no licence";
  const { license: named, expression } = value;
  if (!isJsonObject(named)) return expression === undefined ? "has neither licence nor expression" : undefined;
  if (expression !== undefined) return "has both a licence and an expression";
  const { id, name, text } = named;
  if ((id === undefined) === (name === undefined)) return "needs either an id or a name";
  if (typeof id === "string" && !isSupportedSpdxId(id)) return `${quote(id)} is no identifier of SPDX`;
  return text === undefined ? undefined : member("encoding", oneOf("base64"))(text, 0);
};

const licenses: Check = (value, version) => {
  if (!isJsonArray(value)) return "are no list";
  const expressions = value.filter((item) => isJsonObject(item) && item["expression"] !== undefined);
  const mixed = version < 1.7 && expressions.length > 0 && value.length > 1;
  return mixed ? "mix an expression with others" : undefined;
};

const serviceData: Check = (value) => {
  if (!isJsonObject(value) || value["flow"] === undefined) return undefined;
  return all(needs("classification"), member("flow", oneOf("inbound", "outbound", "bi-directional", "unknown")))(
    value,
    0,
  );
};

const citation: Check = (value) => {
  const { pointers, expressions, attributedTo, process } = isJsonObject(value) ? value : {};
  if ((pointers === undefined) === (expressions === undefined)) return "needs either pointers or expressions";
  return attributedTo === undefined && process === undefined ? "names neither a source nor a process" : undefined;
};

const instant: Check = (value) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(value)
    ? undefined
    : "is no time of RFC 3339";

const serial: Check = (value) =>
  typeof value === "string" && /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
    ? undefined
    : "is no UUID";

const metadataMembers: ReadonlySet<string> = new Set([
  ..."timestamp lifecycles tools authors component manufacturer manufacture supplier".split(" "),
  ..."licenses properties distributionConstraints".split(" "),
]);

const metadata: Check = (value) => {
  if (!isJsonObject(value)) return "is no object";
  const unknown = Object.keys(value).find((name) => !metadataMembers.has(name));
  return unknown === undefined ? undefined : `has ${quote(unknown)}, which the standard has not`;
};

/** Checks of a member's value by the member's name. */
const ofValues: Readonly<Record<string, Check>> = { component, licenses, metadata, timestamp: instant };

/** Checks of each element of a list by the list's name. */
const ofElements: Readonly<Record<string, Check>> = {
  ancestors: component,
  citations: citation,
  components: component,
  data: serviceData,
  hashes: hash,
  licenses: license,
  patches: member("type", oneOf("unofficial", "monkey", "backport", "cherry-pick")),
  properties: all(needs("name")),
  resolves: member("type", oneOf("defect", "enhancement", "security")),
};

/**
 * What in a CycloneDX document is not as its schema demands, for the parts an inventory is made from and what else
 * consumers refuse documents for; at most twenty problems. It is no full validation.
 */
export function bomProblems(bom: JsonObject): Problem[] {
  const version = Number(bom["specVersion"]);
  const problems: Problem[] = [];
  note(problems, "bom", member("serialNumber", serial)(bom, version));
  const references = new Set<string>();
  const stack: Place[] = [{ value: bom, path: "bom" }];
  for (let next = stack.pop(); next !== undefined && problems.length < limits.maxFaults; next = stack.pop()) {
    // Recipes name the same workspace where they take it and where they leave it.
    if (!next.path.startsWith("bom.formulation"))
      note(problems, next.path, referenceFault(next.value["bom-ref"], references));
    for (const { name, path, value } of placesIn(next)) {
      note(problems, path, own(ofValues, name)?.(value, version));
      if (isJsonObject(value)) stack.push({ value, path });
      if (!isJsonArray(value)) continue;
      for (const place of checkElements(value, { name, path, version, problems })) stack.push(place);
    }
  }
  return problems.slice(0, limits.maxFaults);
}

/** Edges lead to a reference: one that is empty, or that two parts share, leads nowhere for certain. */
function referenceFault(reference: JsonValue | undefined, seen: Set<string>): string | undefined {
  if (typeof reference !== "string") return undefined;
  if (reference === "") return `bom-ref is empty`;
  if (seen.has(reference)) return `bom-ref ${quote(reference)} is that of another part as well`;
  seen.add(reference);
  return undefined;
}

interface Place {
  readonly value: JsonObject;
  readonly path: string;
}

function* placesIn({ value, path }: Place): Generator<{ name: string; path: string; value: JsonValue }> {
  for (const [name, inner] of Object.entries(value)) {
    if (inner !== undefined && inner !== null) yield { name, path: `${path}.${name}`, value: inner };
  }
}

interface ListPlace {
  readonly name: string;
  readonly path: string;
  readonly version: number;
  readonly problems: Problem[];
}

/** Checks the elements of a list, and gives those back that have members to look at. */
function* checkElements(
  elements: readonly JsonValue[],
  { name, path, version, problems }: ListPlace,
): Generator<Place> {
  const check = own(ofElements, name);
  for (const [index, value] of elements.entries()) {
    const place = `${path}[${index}]`;
    if (check !== undefined) note(problems, place, check(value, version));
    if (isJsonObject(value)) yield { value, path: place };
  }
}

function own(checks: Readonly<Record<string, Check>>, name: string): Check | undefined {
  return Object.hasOwn(checks, name) ? checks[name] : undefined;
}

function note(problems: Problem[], path: string, wrong: string | undefined): void {
  if (wrong === undefined || problems.length >= limits.maxFaults) return;
  problems.push({ kind: "problem", code: "DOCUMENT_INVALID", message: `${path.slice(0, 200)} ${wrong}` });
}
