import type { OptionGroup } from "../command.ts";

/** How much one run may use. */
export const limitOptions: OptionGroup = {
  title: "Limits",
  options: [
    { name: "jobs", kind: "count", placeholder: "N", summary: "threads that read layers; default one per core" },
    { name: "max-layer-bytes", kind: "bytes", placeholder: "SIZE", summary: "refuse a layer that unpacks to more" },
    { name: "max-layers", kind: "count", placeholder: "N", summary: "refuse an image with more layers" },
    { name: "max-entries", kind: "count", placeholder: "N", summary: "refuse a layer with more files" },
    {
      name: "max-memory",
      kind: "bytes",
      placeholder: "SIZE",
      summary: "hold so much of files at once, the rest on disk",
    },
    { name: "no-cache", kind: "flag", summary: "find anew what was found before in this image" },
  ],
};
