import { isProblem } from "./file-reading.ts";
import type { LayerSource } from "./layer.ts";
import type { LayerRecord, LinkedFact, LinkedRead } from "./layer-record.ts";
import type { LayerWalker } from "./layer-walker.ts";

/**
 * A walker whose records are complete: files that another one held too little of are read again, whole, in a second pass
 * over their layer. Old programs of Go need it, which point from their data into their code.
 */
export class CompletingWalker implements LayerWalker {
  readonly #walker: LayerWalker;

  constructor(walker: LayerWalker) {
    this.#walker = walker;
  }

  async layer(layer: LayerSource): Promise<LayerRecord> {
    const { unheld, ...record } = await this.#walker.layer(layer);
    if (unheld === undefined) return record;
    // Of two entries with one path the later one is what is there.
    const reads = new Map(unheld.map((read) => [read.path, read]));
    const facts = [...record.facts];
    const problems = [...record.problems];
    for (const { path, reader, value } of await this.#walker.linked(layer, [...reads.values()])) {
      const entry = reads.get(path)?.entry;
      if (entry === undefined) continue;
      if (isProblem(value)) problems.push({ entry, problem: value });
      else facts.push({ entry, reader, value });
    }
    return { ...record, facts, problems };
  }

  async linked(layer: LayerSource, reads: readonly LinkedRead[]): Promise<readonly LinkedFact[]> {
    return this.#walker.linked(layer, reads);
  }
}
