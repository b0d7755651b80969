/** An image made of what is on this machine: the Node.js runtime as one layer, an application as another. */
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { buildImage, buildLayer, type BuiltManifest, type LayerEntry } from "@sc/testing";
import { installedPackages, packageFiles } from "./installed-packages.ts";

/** The image of the command line itself: `node` and its production dependencies. */
export function assembleImage(root: string): { readonly image: BuiltManifest; readonly packages: number } {
  const application = join(root, "packages/cli");
  const packages = installedPackages(application);
  const runtime = buildLayer(
    [
      ...directories("usr/local/bin"),
      { path: "usr/local/bin/node", content: readFileSync(realpathSync(process.execPath)), mode: 0o755 },
    ],
    { compression: "zstd" },
  );
  const layer = buildLayer([
    ...directories("app"),
    ...filesOf(application, "app"),
    ...packages.flatMap(({ folder, place }) => filesOf(folder, `app/${place}`)),
  ]);
  const image = buildImage({
    layers: [runtime, layer],
    platform: { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch },
    config: {
      config: {
        User: "1000",
        WorkingDir: "/app",
        Env: ["PATH=/usr/local/bin:/usr/bin:/bin", `NODE_VERSION=${process.versions.node}`],
        Entrypoint: ["node", "src/bin.ts"],
        Labels: { "org.opencontainers.image.title": "sc quickstart" },
      },
      history: [
        { created: "1970-01-01T00:00:00Z", created_by: `COPY node ${process.versions.node} /usr/local/bin/node` },
        { created: "1970-01-01T00:00:00Z", created_by: "COPY . /app" },
      ],
    },
  });
  return { image, packages: packages.length };
}

function directories(path: string): readonly LayerEntry[] {
  const parts = path.split("/");
  return parts.map((_, index) => ({ path: `${parts.slice(0, index + 1).join("/")}/`, type: "directory" }));
}

function filesOf(folder: string, place: string): readonly LayerEntry[] {
  return packageFiles(folder).map((path) => ({ path: `${place}/${path}`, content: readFileSync(join(folder, path)) }));
}
