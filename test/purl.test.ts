import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatPurl, parsePurl } from "@sc/model";
import { describe, expect, test } from "vitest";
import knownDifferences from "./known-differences/purl.json" with { type: "json" };
import { dataFolder } from "./data-folder.ts";

interface PurlCase {
  readonly description: string;
  readonly test_type: "parse" | "build" | "validate" | "roundtrip";
  readonly input: string | PartsOfCase;
  readonly expected_output: string | PartsOfCase | null;
  readonly expected_failure: boolean;
}

interface PartsOfCase {
  readonly type: string | null;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly qualifiers: Readonly<Record<string, string>> | null;
  readonly subpath: string | null;
}

const folder = dataFolder("purl");
const files =
  folder === undefined
    ? []
    : ["spec", "types"].flatMap((kind) => readdirSync(join(folder, kind)).map((file) => join(folder, kind, file)));

function answer(one: PurlCase): unknown {
  if (typeof one.input === "string") {
    return one.test_type === "parse" ? partsOf(one.input) : formatPurl(parsePurl(one.input));
  }
  const { type, namespace, name, version, qualifiers, subpath } = one.input;
  return formatPurl({
    type: type ?? "",
    namespace: namespace ?? undefined,
    name: name ?? "",
    version: version ?? undefined,
    qualifiers: qualifiers ?? undefined,
    subpath: subpath ?? undefined,
  });
}

/**
 * Whether a case wants a refusal for nothing but a qualifier key in capitals. The specification's parsing takes the
 * key in lower case, and the suite's own cases of Maven want just that.
 */
function isKeyInCapitals(one: PurlCase): one is PurlCase & { readonly input: string } {
  const { test_type: kind, input, expected_failure: isFailure } = one;
  return isFailure && kind === "parse" && typeof input === "string" && withSmallKeys(input) !== input;
}

function withSmallKeys(purl: string): string {
  return purl.replaceAll(/(?<=[?&])[A-Za-z][\w.-]*(?==)/g, (key) => key.toLowerCase());
}

function partsOf(text: string): PartsOfCase {
  const { type, namespace, name, version, qualifiers, subpath } = parsePurl(text);
  return {
    type,
    namespace: namespace ?? null,
    name,
    version: version ?? null,
    qualifiers: qualifiers ?? null,
    subpath: subpath ?? null,
  };
}

describe.skipIf(folder === undefined)("the package URL project's own cases (SBOM-3)", () => {
  const cases = files.flatMap((file) => {
    const tests: readonly PurlCase[] = JSON.parse(readFileSync(file, "utf8")).tests;
    return tests.map((one) => [`${one.test_type} ${JSON.stringify(one.input)}`, one] as const);
  });

  test.each(cases)("%s", (name, one) => {
    const known = knownDifferences.find((difference) => difference.case === name);
    const agrees = (): void => {
      if (isKeyInCapitals(one)) expect(answer(one)).toEqual(answer({ ...one, input: withSmallKeys(one.input) }));
      else if (one.expected_failure) expect(() => answer(one)).toThrow();
      else expect(answer(one)).toEqual(one.expected_output);
    };
    // A difference that is listed but no longer there must leave the list.
    if (known === undefined) agrees();
    else expect(agrees, known.reason).toThrow();
  });
});

test("without the shared cases a purl still survives parsing and writing", () => {
  expect(existsSync(join(import.meta.dirname, "known-differences/purl.json"))).toBe(true);
  for (const text of [
    "pkg:deb/debian/zlib1g@1:1.2.13.dfsg-1?arch=amd64&distro=debian-12",
    "pkg:npm/%40angular/core@17.0.0",
    "pkg:golang/github.com/foo/Bar@v1.0.0+incompatible#sub/path",
  ]) {
    expect(parsePurl(formatPurl(parsePurl(text)))).toEqual(parsePurl(text));
  }
  // A commit has no case, a tag has.
  const commit = "14D8824C28D782FCD1CD9579AC06644F60E62450";
  expect(parsePurl(`pkg:huggingface/a/b@${commit}`).version).toBe(commit.toLowerCase());
  expect(parsePurl("pkg:huggingface/a/b@100B").version).toBe("100B");
  expect(() => parsePurl("not a purl")).toThrow("is not a package URL");
  expect(() => formatPurl({ type: "npm", name: "" })).toThrow("is not a package URL");
});
