import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { digestHex, type Digest } from "@sc/model";
import type { TestRegistry } from "../registry/registry.ts";
import type { BuiltManifest } from "./image.ts";
import { buildTar, type LayerEntry } from "./layer.ts";

/**
 * Stores an image with everything below it, straight into the registry's memory: no request is made or recorded.
 * `name` is `repository:tag`, or `repository` alone to store it by its digest. Returns the reference to read it by.
 */
export function pushImage(registry: TestRegistry, name: string, image: BuiltManifest): string {
  const colon = name.indexOf(":");
  const repository = colon < 0 ? name : name.slice(0, colon);
  for (const { descriptor, bytes } of image.blobs) registry.putBlob(repository, bytes, descriptor.digest);
  for (const child of image.children) pushImage(registry, repository, child);
  const { mediaType, digest } = image.descriptor;
  const tag = colon < 0 ? {} : { tag: name.slice(colon + 1) };
  registry.putManifest(repository, { bytes: image.bytes, mediaType, digest, ...tag });
  return `${registry.host}/${colon < 0 ? `${repository}@${digest}` : name}`;
}

/**
 * Writes an image as an OCI layout into a directory, which is made.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function writeLayout(directory: string, image: BuiltManifest, tag?: string): Promise<void> {
  for (const { path, content } of layoutFiles(image, tag)) {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  }
}

/** An OCI archive: a tar of the layout. */
export function buildOciArchive(image: BuiltManifest, tag?: string): Uint8Array {
  return buildTar(layoutFiles(image, tag));
}

/** A docker-save archive as Docker before 25 wrote it: manifest.json, the configuration, each layer as it is stored. */
export function buildDockerArchive(image: BuiltManifest, repoTags: readonly string[]): Uint8Array {
  const [config, ...layers] = image.blobs;
  if (config === undefined) throw new TypeError("an index cannot be a docker archive");
  const Config = `${digestHex(config.descriptor.digest)}.json`;
  const files = layers.map(({ descriptor, bytes }) => ({
    path: `${digestHex(descriptor.digest)}/layer.tar`,
    content: bytes,
  }));
  const manifest = [{ Config, RepoTags: repoTags, Layers: files.map(({ path }) => path) }];
  return buildTar([...files, { path: Config, content: config.bytes }, jsonFile("manifest.json", manifest)]);
}

interface LayoutFile extends LayerEntry {
  readonly content: string | Uint8Array;
}

function layoutFiles(image: BuiltManifest, tag: string | undefined): readonly LayoutFile[] {
  const annotations = tag === undefined ? {} : { annotations: { "org.opencontainers.image.ref.name": tag } };
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ ...image.descriptor, ...annotations }],
  };
  const blobs = new Map<Digest, Uint8Array>();
  collectBlobs(image, blobs);
  const files = [...blobs].map(([digest, content]) => ({ path: `blobs/${digest.replace(":", "/")}`, content }));
  return [jsonFile("oci-layout", { imageLayoutVersion: "1.0.0" }), jsonFile("index.json", index), ...files];
}

function collectBlobs(image: BuiltManifest, blobs: Map<Digest, Uint8Array>): void {
  for (const { descriptor, bytes } of image.blobs) blobs.set(descriptor.digest, bytes);
  for (const child of image.children) collectBlobs(child, blobs);
  blobs.set(image.descriptor.digest, image.bytes);
}

function jsonFile(path: string, value: unknown): LayoutFile {
  return { path, content: JSON.stringify(value) };
}
