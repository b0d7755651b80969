import type { OptionDefinition } from "../command.ts";

/** Which packages of an image count. The names are those of @sc/sbom, which help does not load. */
export const scope: OptionDefinition = {
  name: "scope",
  kind: "text",
  placeholder: "SCOPE",
  choices: ["squashed", "all-layers"],
  default: "squashed",
  summary: "all-layers: also what a later layer took away or replaced",
};

/** The image a command is about. */
export const image: OptionDefinition = {
  name: "image",
  short: "i",
  kind: "text",
  placeholder: "REF",
  required: true,
  summary: "registry/repository:tag, or oci-layout:DIR, docker-archive:FILE …",
};

/** The images a command is about. */
export const images: OptionDefinition = { ...image, repeatable: true };

/** Which of an index's images is meant. */
export const platform: OptionDefinition = {
  name: "platform",
  kind: "text",
  placeholder: "OS/ARCH",
  summary: "image of an index; default this machine's, then linux/amd64",
};

/** Every image of an index, one after the other. */
export const allPlatforms: OptionDefinition = {
  name: "all-platforms",
  kind: "flag",
  summary: "each image of an index; {platform} in file names tells them apart",
};
