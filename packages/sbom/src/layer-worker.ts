// The entry of the worker threads that layers are read in. It acts when it is loaded, as an entry must.
import { parentPort, workerData } from "node:worker_threads";
import { serveLayers } from "@sc/rootfs";

if (parentPort !== null) {
  const ids: unknown = workerData;
  serveLayers(parentPort, async () => {
    const { chooseCatalogers } = await import("./choose-catalogers.ts");
    return chooseCatalogers(Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : undefined);
  });
}
