import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@sc/model";
import type { SpdxDocument } from "./write-document.ts";
import { documentTags, licenseTags, packageTags } from "./tag-fields.ts";

/**
 * An SPDX 2.3 document as tags and values, in pieces of text.
 *
 * @see https://spdx.github.io/spdx-spec/v2.3/conformance/#44-standard-data-format-requirements
 */
export function* tagPieces({ head, packages, extracted, relationships }: SpdxDocument): Generator<string> {
  yield fields(head, documentTags);
  const creation = isJsonObject(head["creationInfo"]) ? head["creationInfo"] : {};
  for (const creator of listIn(creation, "creators")) yield tag("Creator", creator);
  yield tag("Created", creation["created"]);
  yield annotations(head);
  for (const element of packages) yield `\n${packageTagsOf(element)}`;
  for (const license of extracted()) yield `\n${fields(license, licenseTags)}`;
  yield "\n";
  for (const relationship of relationships) {
    const { spdxElementId, relationshipType, relatedSpdxElement, comment } = relationship;
    yield tag("Relationship", `${plain(spdxElementId)} ${plain(relationshipType)} ${plain(relatedSpdxElement)}`);
    yield tag("RelationshipComment", comment);
  }
}

function packageTagsOf(element: JsonObject): string {
  const purpose = element["primaryPackagePurpose"];
  const named =
    typeof purpose === "string" ? { ...element, primaryPackagePurpose: purpose.replaceAll("_", "-") } : element;
  const checksums = listIn(element, "checksums").map((checksum) =>
    isJsonObject(checksum)
      ? tag("PackageChecksum", `${plain(checksum["algorithm"])}: ${plain(checksum["checksumValue"])}`)
      : "",
  );
  const references = listIn(element, "externalRefs").map((reference) =>
    isJsonObject(reference)
      ? tag(
          "ExternalRef",
          `${plain(reference["referenceCategory"])} ${plain(reference["referenceType"])} ${plain(reference["referenceLocator"])}`,
        )
      : "",
  );
  return [fields(named, packageTags), ...checksums, ...references, annotations(element)].join("");
}

function annotations(element: JsonObject): string {
  return listIn(element, "annotations")
    .map((annotation) => {
      if (!isJsonObject(annotation)) return "";
      return [
        tag("Annotator", annotation["annotator"]),
        tag("AnnotationDate", annotation["annotationDate"]),
        tag("AnnotationType", annotation["annotationType"]),
        tag("SPDXREF", element["SPDXID"]),
        // What is JSON can say the same without the signs that would end the text.
        tag("AnnotationComment", plain(annotation["comment"]).replaceAll("<", String.raw`\u003c`), "always"),
      ].join("");
    })
    .join("");
}

function listIn(owner: JsonObject, member: string): readonly JsonValue[] {
  const list = owner[member];
  return isJsonArray(list) ? list : [];
}

function fields(owner: JsonObject, tags: readonly (readonly [tag: string, member: string])[]): string {
  return tags.map(([name, member]) => tag(name, owner[member])).join("");
}

function plain(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

/** One line; a value that would run on, or be taken for another's beginning, stands between marks. */
function tag(name: string, value: JsonValue | undefined, mark: "always" | "needed" = "needed"): string {
  if (value === undefined) return "";
  const text = plain(value);
  const marked = mark === "always" || /[\r\n]|<\/?text>|^\s|\s$/.test(text);
  return marked ? `${name}: <text>${text.replaceAll("</text>", "< /text>")}</text>\n` : `${name}: ${text}\n`;
}
