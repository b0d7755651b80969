import type { ActionContext, ActionResult } from "../command.ts";
import { commands } from "../commands/index.ts";
import { completeWords } from "../complete.ts";

/** By shell, what completes there: each asks `sc completion words` for what may come, so that none grows stale. */
export const scripts: Readonly<Record<string, string>> = {
  // bash ends words at = and : as well, and replaces only what stands behind the last of them.
  bash: `_sc() {
  local line=\${COMP_LINE:0:COMP_POINT} last
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  last=\${words[\${#words[@]}-1]}
  local IFS=$'\\n'
  COMPREPLY=($(sc completion words -- "\${words[@]:1}" 2>/dev/null))
  COMPREPLY=("\${COMPREPLY[@]#"\${last%"\${last##*[=:]}"}"}")
}
complete -o default -F _sc sc`,
  zsh: `#compdef sc
_sc() {
  local -a found
  found=("\${(@f)$(sc completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- "\${(@)found:#}" || _files
}
compdef _sc sc`,
  fish: `function __sc_words
  set -l found (sc completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c sc -f -a '(__sc_words)'`,
  pwsh: `Register-ArgumentCompleter -Native -CommandName sc -ScriptBlock {
  param($word, $line)
  $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '' }
  sc completion words -- @words 2>$null
}`,
};

/** Prints a shell's script, or what may stand in place of the last word. */
export async function complete(context: ActionContext): Promise<ActionResult> {
  const [shell = "", ...words] = context.values.positionals;
  const script = scripts[shell];
  if (script !== undefined) return { outcome: "pass", report: { shell, script }, text: () => script };
  const found = await completeWords(commands, words);
  return { outcome: "pass", report: { words: found }, text: () => found.join("\n") };
}
