import type { LoadedConfig } from "@sc/pipeline";
import type { ActionContext, ActionResult } from "../command.ts";
import { readConfiguration } from "../configuration.ts";
import { printable } from "../terminal/printable.ts";

/** Reads a configuration with all it inherits and says what it enables. */
export async function checkConfiguration(context: ActionContext): Promise<ActionResult> {
  const config = await readConfiguration(context);
  const { style } = context;
  const enabled = enabledParts(config);
  const said = enabled.length === 0 ? "nothing is enabled" : `enabled: ${enabled.join(", ")}`;
  return {
    outcome: "pass",
    report: { files: config.files, enabled, images: config.images },
    text: () =>
      [
        `${style.paint("good", style.good)} ${said}`,
        ...config.files.map((file) => `  ${printable(file)}`),
        ...config.images.map(({ name, image }) => `  ${printable(name)}: ${printable(image)}`),
      ].join("\n"),
  };
}

function enabledParts({ security }: LoadedConfig): readonly string[] {
  if (!security.enabled) return [];
  const { scan, signing, sbom, provenance } = security;
  const parts = { scan, signing, sbom, provenance };
  return Object.entries(parts).flatMap(([name, { enabled, required }]) =>
    enabled ? [required ? `${name} (required)` : name] : [],
  );
}
