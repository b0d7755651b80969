import { type Call, type Platform, ScError } from "@sc/model";
import { openDockerArchive } from "./archive/docker-archive.ts";
import { createDockerArchive } from "./archive/write-docker-archive.ts";
import { createOciArchive } from "./archive/write-oci-archive.ts";
import { openDirectory } from "./directory/directory.ts";
import { openRootfsTar } from "./directory/rootfs-tar.ts";
import { openLayoutArchive } from "./layout/layout-archive.ts";
import { LayoutFolder, openLayoutFolder } from "./layout/layout-folder.ts";
import { LayoutSource } from "./layout/layout-source.ts";
import { LayoutStore } from "./layout/layout-store.ts";
import { formatReference, type Reference } from "./reference.ts";
import { openRegistry, type OpenRegistryOptions } from "./registry/repository.ts";
import type { ImageDestination, ImageSource } from "./source.ts";

/** How a place is opened. */
export interface OpenOptions extends Call {
  /** How registries are asked: a session to share, credentials, certificates. */
  readonly registry?: OpenRegistryOptions;
  /** What a root file system is said to be for, as it does not say it itself. Default: this machine's. */
  readonly platform?: Platform | undefined;
}

/**
 * The place a reference names, to read from. Nothing of a registry is asked for yet. Throws `FILE_NOT_FOUND`,
 * `LAYOUT_INVALID`, `ARCHIVE_INVALID`, `SCHEME_UNSUPPORTED`.
 */
export async function openSource(reference: Reference, options: OpenOptions = {}): Promise<ImageSource> {
  switch (reference.scheme) {
    case "registry":
      return openRegistry(reference, options.registry);
    case "oci-layout":
      return new LayoutSource(await openLayoutFolder(reference.path));
    case "oci-archive":
      return new LayoutSource(await openLayoutArchive(reference.path, { signal: options.signal }));
    case "docker-archive":
      return openDockerArchive(reference.path, { signal: options.signal });
    case "dir":
      return openDirectory(reference.path, { platform: options.platform });
    case "rootfs-tar":
      return openRootfsTar(reference.path, { platform: options.platform });
    case "docker-daemon":
      break;
  }
  throw unsupported(reference, "read");
}

/**
 * The place a reference names, to write to. A layout or archive that is not there comes into being with what is written.
 * Throws as `openSource` does, and
 * `DESTINATION_EXISTS`.
 */
export async function openDestination(reference: Reference, options: OpenOptions = {}): Promise<ImageDestination> {
  switch (reference.scheme) {
    case "registry":
      return openRegistry(reference, options.registry);
    case "oci-layout": {
      const folder = new LayoutFolder(reference.path, { mayBeNew: true });
      return new LayoutStore({ folder, content: folder });
    }
    case "oci-archive":
      return createOciArchive(reference.path, { signal: options.signal });
    case "docker-archive":
      return createDockerArchive(reference.path);
    case "dir":
    case "rootfs-tar":
    case "docker-daemon":
      break;
  }
  throw unsupported(reference, "written");
}

function unsupported(reference: Reference, verb: string): ScError {
  const isDaemon = reference.scheme === "docker-daemon";
  const what = isDaemon ? "the container engine is not served yet" : `${reference.scheme}: cannot be ${verb}`;
  return new ScError("SCHEME_UNSUPPORTED", `${formatReference(reference)}: ${what}`, {
    hint: isDaemon
      ? "Save the image with docker save -o image.tar and name docker-archive:image.tar."
      : "Write to oci-layout:, oci-archive:, docker-archive: or a registry.",
  });
}
