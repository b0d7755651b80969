import { join } from "node:path";
import type { Digest } from "@sc/model";
import { type Connection, type GeneratedProvenance, generateProvenance, openImage } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";
import { provenanceFormats } from "./options/provenance.ts";

/** The largest Dockerfile that is read. */
const maxDockerfileBytes = 1024 * 1024;

/** The provenance that the options ask for, of the build that runs here. */
export async function provenanceOf(context: ActionContext, connection: Connection): Promise<GeneratedProvenance> {
  const { values, environment, signal, onProgress } = context;
  const path = dockerfilePath(context);
  const builderId = values.text("builder-id");
  const dockerfile =
    path === undefined
      ? undefined
      : new TextDecoder().decode(await readUserFile(path, { maxBytes: maxDockerfileBytes }));
  const { sourceDate } = environment;
  return await generateProvenance({
    environment: environment.variables,
    version: values.choice("format", provenanceFormats) === "slsa-v0.2" ? "0.2" : "1",
    ...(values.flag("include-git") ? { folder: values.required("source-root") } : {}),
    ...(builderId === undefined ? {} : { builderId }),
    materials: values.flag("include-materials"),
    describeMachine: values.flag("include-env"),
    finishedOn: (sourceDate ?? context.now()).toISOString(),
    ...(dockerfile === undefined ? {} : { dockerfile }),
    resolveImage: async (reference) => await digestOfBase(reference, context, connection),
    signal,
    onProgress,
  });
}

function dockerfilePath({ values }: ActionContext): string | undefined {
  if (!values.flag("include-dockerfile")) return undefined;
  const folder = values.text("context");
  return values.text("dockerfile") ?? (folder === undefined ? undefined : join(folder, "Dockerfile"));
}

/** The digest of a base image; without one, and with a notice, where it cannot be asked for. */
export async function digestOfBase(
  reference: string,
  { signal, onProgress }: ActionContext,
  connection: Connection,
): Promise<Digest | undefined> {
  try {
    await using opened = await openImage(reference, { connection, signal });
    return opened.image.index?.digest ?? opened.image.descriptor.digest;
  } catch (error) {
    signal.throwIfAborted();
    const message = `provenance: no digest for base image ${reference}: ${error instanceof Error ? error.message : "failed"}`;
    onProgress({ type: "notice", level: "warning", code: "PROVENANCE_INCOMPLETE", message });
    return undefined;
  }
}
