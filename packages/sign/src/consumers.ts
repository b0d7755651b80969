import type { VerifiedSignature } from "./verify-image.ts";

/** A tool that verifies signatures of images, and what has to be said for it to accept these. */
export interface Consumer {
  readonly name: string;
  /** The form it reads. */
  readonly form: "bundle" | "tag";
  /** Its own option or setting that is needed besides the key or the identity; absent when none is. */
  readonly needs?: string;
}

interface Reader extends Consumer {
  /** What it needs where no transparency log has the signature; `undefined` where it asks for none. */
  readonly withoutLog?: string;
}

// What each reads by itself. Of the bundle form the policy controller reads attestations alone; containers/image, which
// podman, skopeo and CRI-O share, reads tags alone.
const readers: readonly Reader[] = [
  { name: "cosign 3", form: "bundle", withoutLog: "--insecure-ignore-tlog" },
  { name: "cosign 2.6", form: "bundle", needs: "--new-bundle-format", withoutLog: "--insecure-ignore-tlog" },
  { name: "Kyverno", form: "bundle", needs: "type: SigstoreBundle", withoutLog: "ignoreTlog: true" },
  { name: "cosign 2", form: "tag", withoutLog: "--insecure-ignore-tlog" },
  { name: "skopeo, podman", form: "tag", needs: "use-sigstore-attachments: true" },
  { name: "Kyverno", form: "tag", withoutLog: "ignoreTlog: true" },
  { name: "policy-controller", form: "tag" },
];

/**
 * The tools that verify an image by what is stored of it, each once, by the form that needs less. Told from what was
 * verified: what is stored and does not hold is of use to nobody.
 */
export function listConsumers(signatures: readonly VerifiedSignature[]): readonly Consumer[] {
  const found = new Map<string, Consumer>();
  for (const { name, form, needs, withoutLog } of readers) {
    const stored = signatures.filter((signature) => signature.form === form);
    if (stored.length === 0) continue;
    const logged = stored.some(({ facts }) => facts.logEntries.length > 0);
    const all = [needs, logged ? undefined : withoutLog].filter((one) => one !== undefined);
    const known = found.get(name);
    if (known !== undefined && (known.needs === undefined || all.length > 0)) continue;
    found.set(name, { name, form, ...(all.length === 0 ? {} : { needs: all.join(" ") }) });
  }
  return [...found.values()];
}
