import type { Progress } from "@sc/model";
import { formatCount } from "./terminal/quantity.ts";

/**
 * What is stored for good and no action has spoken of as a whole yet: forms of signatures, parts of a copy, images of a
 * run that are done. It stays where it is when the run is interrupted, so an interruption says so.
 */
export class StoredParts {
  #named: readonly string[] = [];
  /** By repository, the digests of blobs and manifests: what is stored twice is there once. */
  readonly #copied: Map<string, { readonly blob: Set<string>; readonly manifest: Set<string> }> = new Map();

  /** Takes note of what a run reports. */
  note(progress: Progress): void {
    if (progress.type !== "stage" || progress.state !== "done") return;
    const { stage, subject, detail = "" } = progress;
    // An image that is done is told as one, not by each of its parts.
    if (stage === "secure") {
      const others = this.#named.filter((one) => !one.endsWith(` of ${subject}`));
      this.#named = [...others, `${subject} (${detail.split(":")[0] ?? ""})`];
    }
    if (stage === "store-blob" || stage === "store-manifest") {
      const parts = this.#copied.get(subject) ?? { blob: new Set(), manifest: new Set() };
      this.#copied.set(subject, parts);
      parts[stage === "store-blob" ? "blob" : "manifest"].add(detail);
    } else if (stage.startsWith("store-")) {
      this.#named = [...this.#named, `${stage.slice("store-".length)} of ${subject}`];
    }
  }

  /** Forgets: an action has said what all of it is. */
  clear(): void {
    this.#named = [];
    this.#copied.clear();
  }

  /** What is stored, for people. */
  list(): readonly string[] {
    const copied = [...this.#copied].map(([repository, { blob, manifest }]) => {
      const counts = [
        ...(blob.size === 0 ? [] : [formatCount(blob.size, "blob")]),
        ...(manifest.size === 0 ? [] : [formatCount(manifest.size, "manifest")]),
      ];
      return `${counts.join(" and ")} in ${repository}`;
    });
    return [...this.#named, ...copied];
  }
}
