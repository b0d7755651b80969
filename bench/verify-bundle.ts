/**
 * What verifying one bundle costs, ours against @sigstore/verify alone, over the same real bundles, warm: medians of
 * alternating batches in one process. Ours checks more: strict JSON and base64, the certificate, the log entry's key.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { createKeySigner, decodeTrustRoot, signImage, verifyBundle, verifyImage } from "@sc/sign";
import { openRegistry, parseReference } from "@sc/oci";
import { buildImage, buildLayer, pushImage, startRegistry } from "@sc/testing";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";

const smoke = process.argv.includes("--smoke");
const rounds = smoke ? 3 : 30;
const batch = smoke ? 2 : 10;
const data = join(resolve(process.env["SC_DATA"] ?? "../shared/data"), "sigstore");

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

function timed(run: () => void): number {
  const begin = process.hrtime.bigint();
  for (let count = 0; count < batch; count += 1) run();
  return Number(process.hrtime.bigint() - begin) / 1e6 / batch;
}

const cases = [
  ["message, Rekor v1", "happy-path-v0.3-new-mediaType"],
  ["statement, Rekor v1", "happy-path-intoto-in-dsse-v3"],
  ["message, Rekor v2 and timestamp", "rekor2-happy-path"],
] as const;

for (const [what, name] of cases) {
  const folder = join(data, "conformance", name);
  if (!existsSync(folder)) {
    console.log(`${what}: not there, ${folder}`);
    continue;
  }
  const own = join(folder, "trusted_root.json");
  const rootBytes = readFileSync(existsSync(own) ? own : join(data, "public-good-tuf/targets/trusted_root.json"));
  const bundleBytes = readFileSync(join(folder, "bundle.sigstore.json"));
  const bytes = readFileSync(join(data, "conformance/a.txt"));
  const subject =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
  const issuer = "https://token.actions.githubusercontent.com";
  const policy = { identities: [{ subject, issuer }], trustRoot: decodeTrustRoot(rootBytes, "root") };
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(rootBytes.toString()))));
  const anchored = new RegExp(`^${subject.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(timed(() => verifyBundle(bundleBytes, { bytes }, policy)));
    theirs.push(
      timed(() =>
        verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(bundleBytes.toString())), bytes), {
          subjectAlternativeName: anchored,
          extensions: { issuer },
        }),
      ),
    );
  }
  console.log(
    `${what}: ours ${median(ours).toFixed(2)} ms, @sigstore/verify ${median(theirs).toFixed(2)} ms, ratio ${(median(ours) / median(theirs)).toFixed(2)}`,
  );
}

// A key-signed image in a registry on loopback: what signing and verifying cost over the requests themselves.
await using registry = await startRegistry();
const image = buildImage({ layers: [buildLayer([{ path: "a", content: "a" }])] });
const reference = parseReference(pushImage(registry, "acme/api:1", image));
if (reference.scheme !== "registry") throw new TypeError("a registry's reference");
await using store = openRegistry(reference, { plainHttp: [registry.host] });
const { mediaType, digest } = image.descriptor;
const descriptor = { mediaType, digest, size: image.bytes.length };
const signer = createKeySigner(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
if (signer.publicKey === undefined) throw new TypeError("a key signer has a key");
const begin = performance.now();
await signImage(store, descriptor, signer);
const signed = performance.now();
const runs: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const start = performance.now();
  await verifyImage(store, descriptor, { keys: [signer.publicKey] });
  runs.push(performance.now() - start);
}
console.log(
  `image by key, loopback: sign in both forms ${(signed - begin).toFixed(1)} ms cold, verify ${median(runs).toFixed(2)} ms`,
);
