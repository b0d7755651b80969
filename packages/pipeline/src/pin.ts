import type { Digest } from "@sc/model";
import { formatReference, type Reference } from "@sc/oci";

/**
 * The reference of an image by its digest, so that what was looked at is what is used whatever its tag says by then. A
 * folder, a tar or an engine has no name by digest: there the reference stays as it is.
 */
export function pinReference(reference: Reference, digest: Digest): string {
  if (reference.scheme === "registry") return formatReference({ ...reference, digest });
  const { scheme } = reference;
  if (scheme === "dir" || scheme === "rootfs-tar" || scheme === "docker-daemon") return formatReference(reference);
  return formatReference({ scheme, path: reference.path, digest });
}
