import { parentPort } from "node:worker_threads";
import { type FileReader, serveLayers } from "@sc/rootfs";

/** Evidence as a scan would want it: package manifests and licence texts. */
export const readers: readonly FileReader<number>[] = [
  {
    id: "evidence",
    version: 1,
    wants: ({ path }) => path.endsWith("/package.json") || path.endsWith("/copyright"),
    read: (file) => file.bytes().length,
  },
];

// A file of its own, as a worker of the product is: it loads what reads layers and nothing else.
if (parentPort !== null) serveLayers(parentPort, readers);
