import type { DocumentFormat } from "../document.ts";
import { spdxFacts } from "../spdx/facts.ts";
import { readSpdx } from "../spdx/read-document.ts";
import { documentOfTags, isTagValue } from "../spdx/read-tags.ts";
import { spdxOf } from "../spdx/write-document.ts";
import { tagPieces } from "../spdx/write-tags.ts";
import { textOf } from "../document-syntax.ts";
import { encodeText } from "../text-chunks.ts";

/** SPDX 2.3 as tags and values; reads 2.2 as well. */
export const spdxTagValue: DocumentFormat = {
  id: "spdx-tag-value",
  title: "SPDX 2.3 tag-value",
  mediaType: "text/spdx",
  fileExtension: ".spdx",
  predicateType: "https://spdx.dev/Document",
  write(inventory, options = {}) {
    return encodeText(tagPieces(spdxOf(inventory, { ...options, format: "spdx-tag-value" })));
  },
  reading: {
    recognizes: (syntax) => syntax.kind === "text" && isTagValue(syntax.text),
    decode: (syntax) => documentOfTags(textOf(syntax)),
    inventory: readSpdx,
    facts: spdxFacts,
  },
};
