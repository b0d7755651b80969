import { decodeAdvisory, decodeAdvisoryValue } from "../decode-advisory.ts";
import { attemptRecord, joinChunks, parseDocument, refuse } from "../feed-document.ts";
import type { AdvisoryFeed } from "../feed.ts";
import { maxRecordBytes } from "../limits.ts";

/**
 * Records of the Open Source Vulnerability format, one a file, in JSON or YAML.
 *
 * @see https://ossf.github.io/osv-schema/
 */
export const osv: AdvisoryFeed = {
  id: "osv",
  recognizes: () => true,
  read: function* ({ chunks, syntax, where, id }) {
    const bytes = joinChunks(chunks, maxRecordBytes);
    const options = { where, ...(id === undefined ? {} : { id }) };
    if (bytes === undefined) {
      yield refuse("ADVISORY_TOO_LARGE", `the record is larger than ${maxRecordBytes} bytes`, where);
    } else if (syntax === "json") yield decodeAdvisory(bytes, options);
    else yield attemptRecord(where, () => decodeAdvisoryValue(parseDocument(bytes, { where, syntax }), options));
  },
};
