import { isScError } from "@sc/model";
import { formatReference, parseReference, referenceSchemes } from "@sc/oci";
import { array, assert, constant, constantFrom, oneof, property, record, string, stringMatching } from "fast-check";
import { describe, expect, test } from "vitest";

const options = { seed: 20_261_121, numRuns: 2000 };

const hex = stringMatching(/^[0-9a-f]{64}$/);
const host = constantFrom(
  "ghcr.io",
  "localhost:5000",
  "registry:5000",
  "dir:80",
  "[2001:db8::1]:443",
  "10.0.0.1",
  "docker.io",
);
const repository = stringMatching(/^[a-z0-9]{1,9}(?:(?:\.|_|__|-{1,3}|\/)[a-z0-9]{1,9}){0,4}$/);
const tag = stringMatching(/^\w[\w.-]{0,20}$/);
const path = stringMatching(/^[\w./ @-]{1,20}$/);
const localTag = stringMatching(/^[\w./:@+-]{1,20}$/);
const digest = hex.map((text) => `sha256:${text}` as const);

const references = oneof(
  record(
    { scheme: constant("registry" as const), registry: host, repository, tag, digest },
    { requiredKeys: ["scheme", "registry", "repository", "tag"] },
  ),
  record({ scheme: constant("registry" as const), registry: host, repository, digest }),
  record(
    {
      scheme: constantFrom("oci-layout" as const, "oci-archive" as const, "docker-archive" as const),
      path,
      tag: localTag,
      digest,
    },
    { requiredKeys: ["scheme", "path"] },
  ),
  record({ scheme: constantFrom("dir" as const, "rootfs-tar" as const), path }),
);

/** Texts near to references: pieces that mean something, in any order. */
const pieces = constantFrom(
  "a",
  "/",
  ":",
  "@",
  "sha256:",
  ".",
  "-",
  "[",
  "]",
  "::1",
  "5000",
  "A",
  " ",
  "é",
  "\0",
  "f".repeat(64),
  ...referenceSchemes,
);
const texts = oneof(
  array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
  string({ maxLength: 60 }),
);

describe("references (OCI-1)", () => {
  test("what a reference is formatted to is parsed to the same reference", () => {
    assert(
      property(references, (reference) => {
        const parsed = parseReference(formatReference(reference));
        // docker.io/app is abbreviated once more, to docker.io/library/app.
        const isAbbreviated =
          reference.scheme === "registry" && reference.registry === "docker.io" && !reference.repository.includes("/");
        expect(parsed).toEqual(
          isAbbreviated ? { ...reference, repository: `library/${reference.repository}` } : reference,
        );
      }),
      options,
    );
  });

  test("every text is refused as REFERENCE_INVALID or parsed to what is formatted and parsed to itself", () => {
    assert(
      property(texts, (text) => {
        let reference;
        try {
          reference = parseReference(text);
        } catch (error) {
          expect(isScError(error) && error.code).toBe("REFERENCE_INVALID");
          return;
        }
        expect(parseReference(formatReference(reference))).toEqual(reference);
      }),
      options,
    );
  });
});
