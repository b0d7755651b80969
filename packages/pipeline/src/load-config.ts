import type { SecurityConfig } from "./security-config.ts";

/**
 * The `security:` block in a YAML text; `where` names the file. Throws `CONFIG_INVALID`. The schema is loaded only
 * when it is asked for: it takes longer to load than everything else here.
 */
export async function loadSecurityConfig(text: string, where: string): Promise<SecurityConfig> {
  const { parseSecurityConfig } = await import("./security-config.ts");
  return parseSecurityConfig(text, where);
}
