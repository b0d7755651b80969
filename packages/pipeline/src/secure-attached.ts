import {
  attachedTag,
  canonicalJson,
  hasCode,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  ScError,
} from "@sc/model";
import { parseReference } from "@sc/oci";
import { reports } from "@sc/scan";
import {
  type AttachedRecord,
  readCertificateIdentity,
  type Signer,
  type SignerPolicy,
  type VerifiedImage,
} from "@sc/sign";
import { attachSbom } from "./attach.ts";
import { documentsOf } from "./document-cache.ts";
import { findFormat } from "./sbom.ts";
import type { ChainStep, ImageRun } from "./secure-image.ts";
import type { OpenedSigning, SecureDocument, SecuredRecord } from "./secure-plan.ts";
import { attest, sign, verify, verifyAttestation } from "./signing.ts";

function keep({ records }: ImageRun, what: SecuredRecord["what"], found: readonly AttachedRecord[]): void {
  for (const record of found) {
    // What is added under a tag makes another manifest of it: the one before is in it, and stands under no name.
    for (const [index, before] of records.entries()) {
      if (record.tag === undefined || before.tag !== record.tag || before.repository !== record.repository) continue;
      records[index] = { ...before, manifest: record.manifest };
    }
    records.push({ ...record, what });
  }
}

/** Signs the image by its digest, unless a signature of the same signer verifies already. */
export const signImage: ChainStep = {
  name: "sign",
  part: ({ signing }) => signing,
  run: async (run) => {
    const opened = await run.signing();
    if (opened === undefined) return;
    if (opened.verify !== undefined) run.policy = opened.verify;
    const present = await presentSignatures(run, opened);
    const { artifactRepository, now } = run.plan;
    const records =
      present ?? (await sign(run.pinned, watched(opened, run), { ...run.call, artifactRepository, now })).records;
    keep(run, "signature", records);
    run.attached.signatures = 1;
  },
};

/** Writes the documents: the same bytes for the same image and plan. */
export const writeDocuments: ChainStep = {
  name: "documents",
  part: ({ sbom }) => sbom,
  run: async (run) => {
    const { sbom } = run.plan;
    if (run.inventory === undefined || sbom === undefined) return;
    run.documents = await documentsOf(run, sbom);
  },
};

/** Describes the build that runs here. */
export const writeProvenance: ChainStep = {
  name: "provenance",
  part: ({ provenance }) => provenance,
  run: async (run) => {
    const made = await run.plan.provenance?.generate();
    if (made !== undefined) run.provenance = made;
  },
};

/** Attaches the documents, each as an attestation where that is asked for. */
export const attachSboms: ChainStep = {
  name: "attach",
  part: ({ sbom }) => sbom,
  run: async (run) => {
    const { plan, call, pinned } = run;
    const { sbom, signing, artifactRepository, now } = plan;
    if (sbom?.attach !== true) return;
    const opened = sbom.sign && signing !== undefined ? await run.signing() : undefined;
    for (const { format, bytes } of run.documents) {
      const signer = opened === undefined ? undefined : watched(opened, run);
      const present = opened === undefined ? undefined : await presentDocument(run, opened, { format, bytes });
      const file = { bytes, where: `the ${format} document` };
      const attestable = attestedType(format) === undefined ? undefined : signer;
      if (signer !== attestable) tellUnsigned(run, format, sbom.required);
      const options = { ...call, signer: attestable, artifactRepository, now };
      keep(run, "sbom", present ?? (await attachSbom(pinned, file, options)).records);
      run.attached.sboms += 1;
    }
  },
};

// A predicate is JSON: a document of tags has a type, and no form in which it could stand in a statement.
function attestedType(format: string): string | undefined {
  const { predicateType, mediaType } = findFormat(format);
  return mediaType.endsWith("json") ? predicateType : undefined;
}

// Where the document must hold, one that nobody vouches for is not what was asked for.
function tellUnsigned({ warnings, call }: ImageRun, format: string, required: boolean): void {
  if (required) {
    throw new ScError("SBOM_UNSIGNED", `a ${format} document cannot be attested, and a signed one is required`, {
      hint: "Use cyclonedx-json or spdx-json, or set sbom.attach.sign to false.",
    });
  }
  const message = `a ${format} document cannot be attested: it is attached as it is, unsigned`;
  warnings.push({ stage: "attach", code: "SBOM_UNSIGNED", message });
  call.onProgress?.({ type: "notice", level: "warning", code: "SBOM_UNSIGNED", message });
}

async function presentDocument(
  run: ImageRun,
  opened: OpenedSigning,
  { format, bytes }: SecureDocument,
): Promise<readonly AttachedRecord[] | undefined> {
  const predicateType = attestedType(format);
  if (predicateType === undefined) return undefined;
  const wanted = parseJson(bytes, `the ${format} document`);
  const expected = isJsonObject(wanted) ? wanted : undefined;
  return await presentAttestations(run, opened, { type: predicateType, expected, isSame: sameAs(wanted) });
}

/** Attests the provenance, unless one of the same build verifies already. */
export const attachProvenance: ChainStep = {
  name: "attest-provenance",
  part: ({ provenance }) => (provenance?.attach === true ? provenance : undefined),
  run: async (run) => {
    const { plan, call, pinned, provenance } = run;
    if (provenance === undefined) return;
    const opened = plan.signing === undefined ? undefined : await run.signing();
    if (opened === undefined) {
      throw new ScError("PROVENANCE_UNSIGNED", "provenance: there is nothing to sign it with, so it is not attached", {
        hint: "Enable signing, or set provenance.output.registry to false.",
      });
    }
    const { type, predicate } = provenance;
    const definition = definitionOf(predicate);
    const present = await presentAttestations(run, opened, {
      type,
      isSame: (found) => isJsonObject(found) && canonicalJson(definitionOf(found)) === canonicalJson(definition),
    });
    const { artifactRepository, now } = plan;
    const claim = { type, predicate, signer: watched(opened, run) };
    const records = present ?? (await attest(pinned, claim, { ...call, artifactRepository, now })).records;
    keep(run, "provenance", records);
    run.attached.provenances = 1;
  },
};

/** Attests what the scan found, unless the same findings are attested already. */
export const attachReport: ChainStep = {
  name: "attest-scan",
  part: ({ scan }) => (scan?.attach === true ? scan : undefined),
  run: async (run) => {
    const { plan, call, pinned, report } = run;
    const opened = plan.signing === undefined ? undefined : await run.signing();
    if (report === undefined || opened === undefined) {
      throw new ScError(
        "PROVENANCE_UNSIGNED",
        "scan: there is no report, or nothing to sign it with: it is not attached",
      );
    }
    const rendered = reports.find(({ id }) => id === "cosign-vuln")?.render(report) ?? "{}";
    const predicate = parseJson(rendered, "scan report");
    if (!isJsonObject(predicate)) return;
    const isSame = (found: JsonValue): boolean =>
      isJsonObject(found) && canonicalJson(found["scanner"] ?? null) === canonicalJson(predicate["scanner"] ?? null);
    const present = await presentAttestations(run, opened, { type: "vuln", isSame });
    const { artifactRepository, now } = plan;
    const claim = { type: "vuln", predicate, signer: watched(opened, run) };
    const records = present ?? (await attest(pinned, claim, { ...call, artifactRepository, now })).records;
    keep(run, "scan", records);
  },
};

/** Verifies what is signed as anybody else would; a failure here is never tolerated. */
export const verifySigned: ChainStep = {
  name: "verify",
  part: ({ signing }) => (signing === undefined ? undefined : "always"),
  run: async (run) => {
    if (run.attached.signatures === 0 || run.policy === undefined) return;
    const { artifactRepository } = run.plan;
    run.verified = await verify(run.pinned, run.policy, { ...run.call, artifactRepository });
  },
};

// What says which build it was: the times and the job's own number differ from run to run.
function definitionOf(predicate: { readonly [member: string]: JsonValue | undefined }): JsonValue {
  const { buildDefinition, buildType = null, invocation = null, materials = null } = predicate;
  return buildDefinition ?? [buildType, invocation, materials];
}

// A signer by identity says by its certificates who it is: where nobody was named, that is who must verify.
function watched({ signer, ownIdentity }: OpenedSigning, run: ImageRun): Signer {
  if (ownIdentity === undefined) return signer;
  return {
    ...signer,
    sign: async (payload, call) => {
      const signature = await signer.sign(payload, call);
      if (signature.material.kind === "certificate") {
        const { subject, issuer } = readCertificateIdentity(signature.material.certificate, "signing certificate");
        const { now } = run.plan;
        run.policy = {
          identities: [{ subject, issuer }],
          trustRoot: ownIdentity,
          ...(now === undefined ? {} : { now }),
        };
      }
      return signature;
    },
  };
}

// A key recognises its own signatures when it attaches. Of an identity only what was named can be recognised.
function recognised({ signer, verify: policy }: OpenedSigning): SignerPolicy | undefined {
  return signer.publicKey === undefined && policy?.identities !== undefined ? policy : undefined;
}

async function presentSignatures(run: ImageRun, opened: OpenedSigning): Promise<readonly AttachedRecord[] | undefined> {
  const policy = recognised(opened);
  if (policy === undefined) return undefined;
  const { artifactRepository } = run.plan;
  const { signal, connection } = run.call;
  return await unlessAbsent(async () => {
    const found = await verify(run.pinned, { ...policy, all: true }, { signal, connection, artifactRepository });
    return found.signatures.map((place) => recordOf(place, "sig", found));
  });
}

// Members in the order they are written in, as a rule; sorted, which takes ten times as long, only where they differ.
function sameAs(wanted: JsonValue): Wanted["isSame"] {
  let text: string | undefined;
  let canonical: string | undefined;
  return (found) =>
    found === wanted ||
    JSON.stringify(found) === (text ??= JSON.stringify(wanted)) ||
    canonicalJson(found) === (canonical ??= canonicalJson(wanted));
}

interface Wanted {
  readonly type: string;
  /** As it would be attested now. */
  readonly expected?: JsonObject | undefined;
  readonly isSame: (predicate: JsonValue) => boolean;
}

async function presentAttestations(
  run: ImageRun,
  opened: OpenedSigning,
  { type, expected, isSame }: Wanted,
): Promise<readonly AttachedRecord[] | undefined> {
  const policy = opened.signer.publicKey === undefined ? recognised(opened) : { keys: [opened.signer.publicKey] };
  if (policy === undefined) return undefined;
  const { artifactRepository } = run.plan;
  const { signal, connection } = run.call;
  return await unlessAbsent(async () => {
    const name = repositoryOf(run.pinned);
    const asked = {
      ...policy,
      predicateType: type,
      expected: expected === undefined || name === undefined ? undefined : { name, predicate: expected },
    };
    const found = await verifyAttestation(run.pinned, asked, { signal, connection, artifactRepository });
    const same = found.statements.filter(({ statement }) => isSame(statement.predicate ?? null));
    const places = same.flatMap((statement) => statement.places);
    return places.length === 0 ? undefined : places.map((place) => recordOf(place, "att", found));
  });
}

// As an attestation names the image's place.
function repositoryOf(pinned: string): string | undefined {
  const reference = parseReference(pinned);
  return reference.scheme === "registry" ? `${reference.registry}/${reference.repository}` : undefined;
}

function recordOf(
  { form, manifest }: Pick<AttachedRecord, "form" | "manifest">,
  suffix: "sig" | "att",
  { repository, descriptor }: Pick<VerifiedImage, "repository" | "descriptor">,
): AttachedRecord {
  const subject = descriptor.digest;
  const tag = form === "tag" ? { tag: attachedTag(subject, suffix) } : {};
  return { form, state: "present", manifest, subject, repository, ...tag };
}

async function unlessAbsent<Value>(find: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await find();
  } catch (error) {
    if (hasCode(error, "NO_SIGNATURES") || hasCode(error, "VERIFICATION_FAILED")) return undefined;
    throw error;
  }
}
