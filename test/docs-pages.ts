/** A fenced block of a page. */
export interface Block {
  /** What stands behind the fence: `sh`, `sh run`, `yaml file=sc.yaml`. */
  readonly info: string;
  readonly text: string;
}

/** A line of a page that calls `sc`. */
export interface CommandLine {
  readonly line: string;
  /** The words behind `sc`. */
  readonly words: readonly string[];
  /** What it must end in: 0, or what `# exits N` behind it says. */
  readonly exitCode: number;
  /** The file its output goes to. */
  readonly into: string | undefined;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, info = "", text = ""]) => ({
    info: info.trim(),
    text,
  }));
}

/**
 * The lines that call `sc` in the shell blocks of a page. `export NAME=value` sets one of `variables`, which later
 * lines do not expand; any other line of a block that is run is a mistake of the page.
 */
export function commandsOf(page: string, variables: Record<string, string> = {}): readonly CommandLine[] {
  const shells = blocksOf(page).filter(({ info }) => info === "sh" || info === "sh run");
  return shells.flatMap(({ info, text }) =>
    text
      .replaceAll(/\\\n\s*/g, " ")
      .split("\n")
      .flatMap((line) => {
        const exported = /^export (\w+)='?([^']*?)'?$/.exec(line);
        if (exported !== null) variables[exported[1] ?? ""] = exported[2] ?? "";
        const called = /^sc (.*?)(?: > (\S+))?(?:\s+#.*)?$/.exec(line);
        if (called !== null) {
          const exitCode = Number(/# exits (\d+)/.exec(line)?.[1] ?? 0);
          return [{ line, words: wordsOf(called[1] ?? ""), exitCode, into: called[2] }];
        }
        if (info === "sh run" && exported === null && line !== "" && !line.startsWith("#"))
          throw new Error(`a line that is run and is no command of sc: ${line}`);
        return [];
      }),
  );
}

/** A command line as the words a shell would make of it; variables stay as they are. */
export function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_whole, double?: string, single?: string) => double ?? single ?? ""),
  );
}

/** Where the links of a page lead that stay in the folder of pages. */
export function linksOf(page: string): readonly string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith("../"));
}
