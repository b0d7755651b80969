import type { Instruction } from "dockerfile-ast";

/** The images that a Dockerfile builds on and copies from. */
export interface DockerfileImages {
  /** As they are written, variables replaced, each once, in order. */
  readonly images: readonly string[];
  /** Those whose name depends on a variable without a default: which image it was cannot be told. */
  readonly unresolved: readonly string[];
}

/**
 * The base images of a Dockerfile: every `FROM` and every `COPY --from` and `RUN --mount=from=` of an image that is no
 * stage of the file itself. `scratch` is none. Build arguments are replaced by what was given, else by their default.
 */
export async function readBaseImages(
  text: string,
  given: Readonly<Record<string, string>> = {},
): Promise<DockerfileImages> {
  const { DockerfileParser } = await import("dockerfile-ast");
  const file = DockerfileParser.parse(text);
  const values = new Map(
    file.getInitialARGs().flatMap((arg) => {
      const property = arg.getProperty();
      const value = property === null ? null : (given[property.getName()] ?? property.getValue());
      return property === null || value === null ? [] : [[property.getName(), value] as const];
    }),
  );
  const stages = new Set<string>();
  const names: string[] = [];
  for (const from of file.getFROMs()) {
    const image = from.getImage();
    if (image !== null && !stages.has(image.toLowerCase())) names.push(image);
    const stage = from.getBuildStage();
    if (stage !== null) stages.add(stage.toLowerCase());
  }
  const lines = text.split(/\r?\n/);
  const linesOf = (instruction: Instruction): string => {
    const { start, end } = instruction.getRange();
    return lines.slice(start.line, end.line + 1).join("\n");
  };
  for (const line of file.getInstructions()) {
    for (const name of imagesUsed(line.getKeyword(), linesOf(line))) {
      if (!stages.has(name.toLowerCase()) && !/^\d+$/.test(name)) names.push(name);
    }
  }
  const replaced = names.map((name) => replaceVariables(name, values)).filter((name) => name !== "scratch");
  return {
    images: [...new Set(replaced.filter((name) => !name.includes("$")))],
    unresolved: [...new Set(replaced.filter((name) => name.includes("$")))],
  };
}

function imagesUsed(keyword: string, text: string): readonly string[] {
  if (keyword !== "COPY" && keyword !== "RUN") return [];
  const pattern = keyword === "COPY" ? /(?:^|\s)--from=(\S+)/g : /--mount=\S*?\bfrom=([^,\s]+)/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "").filter((name) => name !== "");
}

// `$NAME`, `${NAME}` and `${NAME:-default}`; whatever else stands there stays and counts as unresolved.
function replaceVariables(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})/g,
    (all: string, bare?: string, braced?: string, other?: string) => {
      const value = values.get(bare ?? braced ?? "");
      return value === undefined || value === "" ? (other ?? all) : value;
    },
  );
}
