import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { buildLayer } from "@sc/testing";

/** A package as it is published: what its package.json says, and further files of it by their path. */
export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

export interface NpmRegistry extends AsyncDisposable {
  readonly url: string;
}

/** A registry on this machine with these packages, as npm, pnpm and yarn ask one: what is published, and the archives. */
export async function openNpmRegistry(published: readonly PublishedPackage[]): Promise<NpmRegistry> {
  const archives = new Map(published.map((one) => [fileOf(one), archiveOf(one)]));
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? "").slice(1).split("?", 1)[0] ?? "");
    const archive = archives.get(path);
    const versions = published.filter(({ name }) => name === path);
    if (archive !== undefined) response.end(archive);
    else if (versions.length > 0) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(documentOf(path, versions, `http://${request.headers.host ?? ""}/`, archives)));
    } else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the registry listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function fileOf({ name, version }: PublishedPackage): string {
  return `${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;
}

function archiveOf({ files = {}, ...manifest }: PublishedPackage): Uint8Array {
  const contents = { "package.json": JSON.stringify(manifest), ...files };
  return buildLayer(Object.entries(contents).map(([path, content]) => ({ path: `package/${path}`, content }))).bytes;
}

function documentOf(
  name: string,
  versions: readonly PublishedPackage[],
  base: string,
  archives: ReadonlyMap<string, Uint8Array>,
): unknown {
  const described = versions.map(({ files: _files, ...manifest }) => {
    const file = fileOf(manifest);
    const integrity = `sha512-${createHash("sha512")
      .update(archives.get(file) ?? "")
      .digest("base64")}`;
    return [manifest.version, { ...manifest, dist: { tarball: `${base}${file}`, integrity } }] as const;
  });
  const time = Object.fromEntries(versions.map(({ version }) => [version, "2024-01-01T00:00:00.000Z"]));
  return {
    name,
    "dist-tags": { latest: versions.at(-1)?.version },
    versions: Object.fromEntries(described),
    time: { created: "2024-01-01T00:00:00.000Z", modified: "2024-01-01T00:00:00.000Z", ...time },
  };
}
