/** What a purl's `vcs_url` says of a repository and a commit in it. */
export function gitPlace(url: string | undefined, commit: string | undefined): string | undefined {
  if (url === undefined || commit === undefined || !/^[0-9a-f]{7,64}$/.test(commit)) return undefined;
  const bare = url.replace(/^git\+/, "").split(/[?#]/, 1)[0] ?? "";
  const login = /^[^@/\s]+@([\w.-]+):(.+)$/.exec(bare);
  if (login !== null) return `git+ssh://${login[1] ?? ""}/${login[2] ?? ""}@${commit}`;
  if (!URL.canParse(bare)) return undefined;
  const place = new URL(bare);
  place.username = "";
  place.password = "";
  return `git+${place.href}@${commit}`;
}
