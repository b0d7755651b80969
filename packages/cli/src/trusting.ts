import { join } from "node:path";
import { ScError } from "@sc/model";
import {
  decodeTrustRoot,
  loadGithubRoot,
  loadPublicGoodRoot,
  refreshTrustRoot,
  type TrustInstance,
  type TrustRoot,
} from "@sc/sign";
import type { ActionContext } from "./command.ts";
import { connectServices } from "./connect.ts";
import { readUserFile } from "./files.ts";
import { cacheDirectory } from "./places.ts";

/** The largest trusted root in use has some ten kilobytes. */
const maxRootBytes = 4 * 1024 * 1024;

/** Whether the options say whose word counts. */
export function isTrustNamed({ values }: ActionContext): boolean {
  return values.text("trusted-root") !== undefined || isRefreshAsked(values);
}

/**
 * The authorities that `--trusted-root` names, a file's or GitHub's embedded ones, those that a TUF mirror names today
 * where that is asked for (offline those that were kept of it, until they expire), or the public good's embedded ones.
 * Throws `CLI_USAGE` and what reading, decoding and refreshing throw.
 */
export async function trustRoot(context: ActionContext): Promise<TrustRoot> {
  const { values } = context;
  const path = values.text("trusted-root");
  if (isRefreshAsked(values)) {
    const instance = path === undefined || path === "public-good" || path === "github" ? path : "file";
    if (instance === "file")
      throw new ScError("CLI_USAGE", "--trusted-root with a file and a TUF mirror exclude each other");
    return await refreshed(context, instance);
  }
  if (path === undefined || path === "public-good") return await loadPublicGoodRoot();
  // A file of that name is still meant by "./github".
  if (path === "github") return await loadGithubRoot();
  return decodeTrustRoot(await readUserFile(path, { maxBytes: maxRootBytes }), path);
}

function isRefreshAsked(values: ActionContext["values"]): boolean {
  const named = ["tuf-mirror", "tuf-root"].some((name) => values.text(name) !== undefined);
  return values.flag("refresh-trusted-root") || named;
}

async function refreshed(context: ActionContext, instance: TrustInstance | undefined): Promise<TrustRoot> {
  const { values, signal, onProgress } = context;
  const mirrorUrl = values.text("tuf-mirror");
  const root = values.text("tuf-root");
  await using services = await connectServices(context);
  const { trustRoot: found } = await refreshTrustRoot({
    client: services.client,
    cacheFolder: join(cacheDirectory(context), "tuf"),
    // Without a network what an earlier refresh has kept counts, until its own date.
    keptOnly: values.flag("offline"),
    now: context.now(),
    ...(instance === undefined ? {} : { instance }),
    ...(mirrorUrl === undefined ? {} : { mirrorUrl }),
    ...(root === undefined ? {} : { initialRoot: await readUserFile(root, { maxBytes: maxRootBytes }) }),
    signal,
    onProgress,
  });
  return found;
}
