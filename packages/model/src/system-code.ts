const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not",
  EISDIR: "it is a folder",
  EEXIST: "something that is no folder is in the way",
  ENAMETOOLONG: "the name is too long",
  ENOSPC: "no space is left",
  ENOTDIR: "what should be a folder is none",
  EPERM: "this user may not",
  EROFS: "the file system takes no writes",
};

/** Why the system refused, in words where it is a common reason; its own code stays, for whoever looks it up. */
export function describeSystemCode(code: string): string {
  return Object.hasOwn(reasons, code) ? `${reasons[code]} (${code})` : code;
}
