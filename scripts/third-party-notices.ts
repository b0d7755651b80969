/** The licences of what a bundle is made of: whoever gives the code on has to give them on as well. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "rolldown";

/** Puts `THIRD-PARTY.txt` beside the bundle: each package that a module of it comes from, with its licence's text. */
export function thirdPartyNotices(): Plugin {
  return {
    name: "third-party-notices",
    generateBundle(_options, bundle): void {
      const modules = Object.values(bundle).flatMap((part) => (part.type === "chunk" ? part.moduleIds : []));
      const folders = new Set(modules.flatMap((id) => packageFolder(id) ?? []));
      const notices = [...folders].map(noticeOf).toSorted();
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY.txt", source: `${notices.join("\n\n---\n\n")}\n` });
    },
  };
}

function packageFolder(id: string): string | undefined {
  if (!id.includes("/node_modules/")) return undefined;
  for (let folder = dirname(id); folder.includes("/node_modules/"); folder = dirname(folder)) {
    // Some packages say in a file of one line which kind of modules a folder of theirs holds.
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name !== undefined) return folder;
  }
  return undefined;
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}
