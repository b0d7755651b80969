// AWS Lambda: lets a release pass only when its image is signed by the team's key and has no critical finding.
// Invoke it from a pipeline or Step Functions with {"image": "registry/repository@sha256:…"}; anything but "pass" stops
// the release. Bundle it with esbuild; the database and the public key lie in a layer under /opt.
import { isScError } from "@sc/model";
import { Connection, inventory, openDatabase, openImage, scan, verify } from "@sc/pipeline";
import { readPublicKeys } from "@sc/sign";

/** What the gate is asked. */
export interface ReleaseRequest {
  readonly image: string;
}

/** What the gate answers. Everything but `pass` is a no. */
export interface ReleaseAnswer {
  readonly outcome: "pass" | "violation" | "error";
  readonly reasons: readonly string[];
}

const publicKey = "/opt/release/cosign.pub";
const database = "/opt/release/advisories";

/** The function's handler. Never throws: a gate that breaks is closed. */
export async function handler({ image }: ReleaseRequest): Promise<ReleaseAnswer> {
  // Half a minute less than the function's own limit, so that there is always an answer.
  const signal = AbortSignal.timeout(4.5 * 60 * 1000);
  try {
    // By digest only: behind a tag, what is verified, scanned and deployed could be three images.
    if (!/@sha256:[0-9a-f]{64}$/.test(image))
      return { outcome: "violation", reasons: ["the image is not named by digest"] };
    await using connection = new Connection();
    await verify(image, { keys: await readPublicKeys(publicKey, { signal }) }, { connection, signal });
    await using advisories = await openDatabase(database);
    await using opened = await openImage(image, { connection, signal });
    const taken = await inventory(opened, { connection, signal });
    const report = await scan(taken, advisories, { failOn: "critical", version: "1.0.0", signal });
    const reasons = report.verdict?.violations.map(({ message }) => message) ?? [];
    return { outcome: report.verdict?.outcome ?? "pass", reasons };
  } catch (error) {
    const code = isScError(error) ? error.code : "UNKNOWN";
    return { outcome: "error", reasons: [`${code}: ${error instanceof Error ? error.message : String(error)}`] };
  }
}
