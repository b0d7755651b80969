// Secures one image as a part of your own program: inventory, SBOM, scan with a gate, signature, attestation, proof.
//   COSIGN_PASSWORD=… node embed.ts REFERENCE ADVISORY-DATABASE cosign.key cosign.pub
import { secure } from "@sc/pipeline";
import { openSigner, readPublicKeys } from "@sc/sign";

const [image = "", database = "", key = "cosign.key", publicKey = "cosign.pub"] = process.argv.slice(2);
const signal = AbortSignal.timeout(120_000);

async function main(): Promise<void> {
  const password = new TextEncoder().encode(process.env["COSIGN_PASSWORD"]);
  const signer = await openSigner(key, { password, signal });
  const keys = await readPublicKeys(publicKey, { signal });
  const result = await secure(
    {
      images: [image],
      sbom: { required: true, formats: ["cyclonedx-json", "spdx-json"], attach: true, sign: true },
      scan: { required: true, database, version: "1.0.0", failOn: "critical" },
      signing: { required: true, signer, verify: { keys } },
    },
    { signal, onProgress: (event) => event.type === "notice" && console.error(event.message) },
  );
  for (const { outcome, digest, packages, report, records, error } of result.images) {
    const findings = report?.findings.length;
    console.log(JSON.stringify({ outcome, digest, packages, findings, records: records.length }));
    if (error instanceof Error) throw error;
  }
  process.exitCode = result.outcome === "pass" ? 0 : 1;
}

void main();
