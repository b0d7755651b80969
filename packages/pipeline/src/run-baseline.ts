import { Decoder, isJsonObject, type JsonValue, parseJson, ScError } from "@sc/model";
import { readKnown } from "./baseline.ts";
import { nameImage } from "./reporting/run-facts.ts";
import type { Baseline } from "./scan.ts";

/** What an earlier run found in an image of that name; `undefined` where there is nothing to compare it with. */
export type EarlierRun = (image: string) => Baseline | undefined;

const runSchema = /^urn:sc:(?:secure|stack-scan|release-create):\d+$/;

/**
 * What an earlier run found, from its JSON report or from that of one scan. An image is the same where its name is, else
 * where its repository is and only one image of it was scanned: tags and digests change from build to build. Of one that
 * the earlier run did not scan all findings count. Throws `DECODE_FAILED`.
 */
export function readEarlierRun(bytes: Uint8Array, name: string): EarlierRun {
  const value = parseJson(bytes, name);
  const known = new Map<string, Baseline>();
  for (const [image, findings] of findingsOf(value, name)) known.set(image, { source: name, ...readKnown(findings) });
  const byRepository = Map.groupBy(known, ([image]) => nameImage(image));
  return (image) => {
    const [only, ...others] = byRepository.get(nameImage(image)) ?? [];
    return known.get(image) ?? (others.length > 0 ? undefined : only?.[1]);
  };
}

function findingsOf(value: JsonValue, name: string): readonly (readonly [image: string, findings: Decoder])[] {
  const document = new Decoder(value, name);
  const schema = isJsonObject(value) ? value["schema"] : undefined;
  if (schema === "urn:sc:scan-report:1") {
    return [[document.member("subject").member("name").string(), document.member("findings")]];
  }
  if (typeof schema === "string" && runSchema.test(schema) && !document.member("images").absent) {
    return document
      .member("images")
      .array()
      .filter((image) => !image.member("findings").absent)
      .map((image) => [image.member("image").string(), image.member("findings")]);
  }
  throw new ScError("DECODE_FAILED", `${name}: wanted the JSON report of a run or of a scan`, {
    hint: "Write one with: sc secure --json",
  });
}
