import { shortDigest } from "@sc/model";
import { formatPlatform, type Image, parsePlatform } from "@sc/oci";
import { openImage } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { connect } from "../connect.ts";
import { printable } from "../terminal/printable.ts";
import { formatBytes, formatCount } from "../terminal/quantity.ts";
import type { Style } from "../terminal/style.ts";

/** Shows what an image is without reading its layers. */
export async function inspect(context: ActionContext): Promise<ActionResult> {
  const { values, style, signal, onProgress } = context;
  const reference = values.required("image");
  const platform = values.text("platform");
  await using connection = await connect(context, [reference]);
  await using opened = await openImage(reference, {
    connection,
    signal,
    onProgress,
    platform: platform === undefined ? undefined : parsePlatform(platform),
  });
  const { image, name } = opened;
  const { descriptor, index, config, manifest, layers } = image;
  return {
    outcome: "pass",
    report: {
      name,
      digest: descriptor.digest,
      mediaType: descriptor.mediaType,
      ...(index === undefined ? {} : { index: index.digest }),
      platform: image.platform,
      ...(config.created === undefined ? {} : { created: config.created }),
      layers: layers.map(({ descriptor: { mediaType, digest, size }, diffId, createdBy }) => {
        return { mediaType, digest, size, diffId, createdBy };
      }),
      config: config.run,
      ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
    },
    text: () => formatImage(name, image, style),
  };
}

function formatImage(name: string, image: Image, style: Style): string {
  const { descriptor, index, config, layers } = image;
  const { run } = config;
  const size = layers.reduce((sum, layer) => sum + layer.descriptor.size, 0);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["digest", descriptor.digest],
    ["index", index?.digest],
    ["platform", formatPlatform(image.platform)],
    ["created", config.created],
    ["user", run.user === undefined || run.user === "" ? "root (not set)" : run.user],
    ["runs", [...run.entrypoint, ...run.command].join(" ")],
    ["in", run.workingDirectory],
    ["ports", run.exposedPorts.join(", ")],
  ];
  const labels = Object.entries(run.labels).map(([label, value]) => ["label", `${label}=${value}`] as const);
  const width = style.columns - 12;
  const rows = layers.map(({ descriptor: layer, createdBy }) => {
    const command = printable(createdBy ?? "").slice(0, Math.max(width - 24, 10));
    return `  ${shortDigest(layer.digest)}  ${formatBytes(layer.size).padStart(8)}  ${style.paint("dim", command)}`;
  });
  return [
    style.paint("strong", printable(name)),
    ...[...facts, ...labels].flatMap(([label, value]) => {
      return value === undefined || value === "" ? [] : [`${style.paint("dim", label.padEnd(8))} ${printable(value)}`];
    }),
    "",
    `${formatCount(layers.length, "layer")}, ${formatBytes(size)}`,
    ...rows,
  ].join("\n");
}
