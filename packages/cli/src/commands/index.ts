import type { CommandDefinition } from "../command.ts";
import { attest } from "./attest.ts";
import { blobSign } from "./blob-sign.ts";
import { blobVerify } from "./blob-verify.ts";
import { ciDetect } from "./ci-detect.ts";
import { completion } from "./completion.ts";
import { configCheck } from "./config-check.ts";
import { configSchema } from "./config-schema.ts";
import { configShow } from "./config-show.ts";
import { dbBuild } from "./db-build.ts";
import { dbExport } from "./db-export.ts";
import { dbImport } from "./db-import.ts";
import { dbPull } from "./db-pull.ts";
import { dbPush } from "./db-push.ts";
import { dbStatus } from "./db-status.ts";
import { dbUpdate } from "./db-update.ts";
import { help } from "./help.ts";
import { imageClean } from "./image-clean.ts";
import { imageCopy } from "./image-copy.ts";
import { imageDownload } from "./image-download.ts";
import { imageInspect } from "./image-inspect.ts";
import { imageScan } from "./image-scan.ts";
import { imageSign } from "./image-sign.ts";
import { imageTree } from "./image-tree.ts";
import { imageVerify } from "./image-verify.ts";
import { keyGenerate } from "./key-generate.ts";
import { keyImport } from "./key-import.ts";
import { keyPublic } from "./key-public.ts";
import { provenanceAttach } from "./provenance-attach.ts";
import { provenanceGenerate } from "./provenance-generate.ts";
import { provenanceVerify } from "./provenance-verify.ts";
import { releaseCreate } from "./release-create.ts";
import { sbomAttach } from "./sbom-attach.ts";
import { sbomConvert } from "./sbom-convert.ts";
import { sbomDiff } from "./sbom-diff.ts";
import { sbomGenerate } from "./sbom-generate.ts";
import { sbomLicenses } from "./sbom-licenses.ts";
import { sbomLint } from "./sbom-lint.ts";
import { sbomQuery } from "./sbom-query.ts";
import { sbomVerify } from "./sbom-verify.ts";
import { secure } from "./secure.ts";
import { stackSbom } from "./stack-sbom.ts";
import { stackScan } from "./stack-scan.ts";
import { stackSign } from "./stack-sign.ts";
import { verifyAttestation } from "./verify-attestation.ts";
import { showVersion } from "./version.ts";
import { vsaVerify } from "./vsa-verify.ts";

/** Every command, in the order help shows them. */
export const commands: readonly CommandDefinition[] = [
  secure,
  releaseCreate,
  stackScan,
  stackSign,
  stackSbom,
  imageScan,
  imageSign,
  imageVerify,
  imageInspect,
  imageTree,
  imageDownload,
  imageClean,
  imageCopy,
  sbomGenerate,
  sbomAttach,
  sbomVerify,
  sbomConvert,
  sbomDiff,
  sbomQuery,
  sbomLint,
  sbomLicenses,
  provenanceGenerate,
  provenanceAttach,
  provenanceVerify,
  attest,
  verifyAttestation,
  vsaVerify,
  blobSign,
  blobVerify,
  keyGenerate,
  keyImport,
  keyPublic,
  dbBuild,
  dbUpdate,
  dbStatus,
  dbPush,
  dbPull,
  dbExport,
  dbImport,
  configCheck,
  configShow,
  configSchema,
  ciDetect,
  completion,
  help,
  showVersion,
];
