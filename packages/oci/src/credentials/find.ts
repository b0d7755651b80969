import { type Call, ScError } from "@sc/model";
import type { Credential, CredentialOptions, CredentialTarget } from "./credential.ts";
import { credentialSources } from "./index.ts";

/** What was found for a target, and where nothing was found before. */
export interface FoundCredential {
  readonly credential?: Credential;
  /** What was looked at in vain, for people. */
  readonly searched: readonly string[];
}

/**
 * The credential for a target: that of the first source that has one. Throws `CREDENTIALS_INVALID`,
 * `CREDENTIAL_HELPER_FAILED`.
 */
export async function findCredential(
  target: CredentialTarget,
  options: CredentialOptions = {},
  call: Call = {},
): Promise<FoundCredential> {
  const searched: string[] = [];
  for (const source of credentialSources) {
    const answer = await source.find(target, options, call);
    if (answer.credential !== undefined) return { credential: checked(answer.credential), searched };
    if (answer.searched !== undefined) searched.push(answer.searched);
  }
  return { searched };
}

// A line break in a name or secret would let a helper or file write headers of its own.
function checked(credential: Credential): Credential {
  for (const text of [credential.user, credential.secret]) {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= 0x20 && code !== 0x7f) continue;
      throw new ScError(
        "CREDENTIALS_INVALID",
        `${JSON.stringify(credential.from)}: the user or password has a control character`,
        {
          hint: "Log in again; a secret read from a file may end in a line break.",
        },
      );
    }
  }
  return credential;
}
