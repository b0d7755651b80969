import { spawn } from "node:child_process";
import { type Call, isJsonObject, type JsonValue, ScError } from "@sc/model";
import type { Credential, CredentialOptions } from "./credential.ts";

/** Which helper is asked, and for what. */
export interface HelperRequest {
  /** `docker-credential-<name>` is run. */
  readonly name: string;
  /** What the helper knows the registry as. */
  readonly server: string;
  /** The file that names the helper. */
  readonly from: string;
  /** Whether the file names it for this registry; a common helper that is not installed is told, not fatal. */
  readonly named: boolean;
}

const maxOutputBytes = 64 * 1024;

interface HelperRun {
  readonly code: number | null;
  readonly output: string;
}

/**
 * What a docker credential helper answers for a server; `undefined` when it has nothing. Bounded in time and output.
 *
 * Throws `CREDENTIAL_HELPER_FAILED` and `CREDENTIALS_INVALID` for a name that is no plain file name.
 *
 * @see https://github.com/docker/docker-credential-helpers for the protocol
 */
export async function askHelper(
  request: HelperRequest,
  options: CredentialOptions,
  call: Call,
): Promise<Credential | undefined> {
  const { name, server, from, named } = request;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) {
    throw new ScError("CREDENTIALS_INVALID", `${JSON.stringify(from)}: the helper's name is not a plain file name`);
  }
  const program = `docker-credential-${name}`;
  const run = await runHelper(program, server, options, call);
  if (run === undefined) {
    if (named) {
      throw failed(program, from, "it is not installed", `Install ${program}, or remove it from the file.`);
    }
    call.onProgress?.({
      type: "notice",
      level: "warning",
      code: "CREDENTIAL_HELPER_MISSING",
      message: `${JSON.stringify(from)} names the credential helper ${program}, which is not installed`,
    });
    return undefined;
  }
  if (run.code !== 0) {
    if (/credentials not found|no credentials|The specified item could not be found/i.test(run.output.slice(0, 500)))
      return undefined;
    throw failed(
      program,
      from,
      `it ended with exit code ${run.code ?? "of a signal"}`,
      `Run ${program} by hand to see why.`,
    );
  }
  return decodeAnswer(run.output, { program, from });
}

function decodeAnswer(
  output: string,
  { program, from }: { readonly program: string; readonly from: string },
): Credential | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(output);
  } catch {
    throw failed(program, from, "its answer is not JSON");
  }
  if (!isJsonObject(value)) throw failed(program, from, "its answer is not a JSON object");
  const user = value["Username"] ?? "";
  const secret = value["Secret"] ?? "";
  if (typeof user !== "string" || typeof secret !== "string")
    throw failed(program, from, "its answer has no Username and Secret");
  if (secret === "") return undefined;
  const source = `${program} (named by ${from})`;
  return user === "<token>"
    ? { kind: "identity-token", user: "", secret, from: source }
    : { kind: "password", user, secret, from: source };
}

function failed(program: string, from: string, what: string, hint?: string): ScError {
  return new ScError(
    "CREDENTIAL_HELPER_FAILED",
    `credential helper ${program}, named by ${JSON.stringify(from)}: ${what}`,
    {
      hint: hint ?? `Check that ${program} is a docker credential helper.`,
    },
  );
}

/** Runs `<program> get`; `undefined` when there is no such program. */
async function runHelper(
  program: string,
  server: string,
  options: CredentialOptions,
  call: Call,
): Promise<HelperRun | undefined> {
  const { environment, helperMilliseconds = 30_000 } = options;
  call.signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      ...(environment === undefined ? {} : { env: { ...environment } }),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
      act();
    };
    const stop = (error: unknown): void => {
      child.kill("SIGKILL");
      child.stdout.destroy();
      settle(() => reject(error));
    };
    const abort = (): void => stop(call.signal?.reason);
    const timer = setTimeout(
      () => stop(failed(program, "the configuration", `it did not answer within ${helperMilliseconds} ms`)),
      helperMilliseconds,
    );
    call.signal?.addEventListener("abort", abort, { once: true });
    child.stdout.on("data", (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxOutputBytes)
        stop(failed(program, "the configuration", `it wrote more than ${maxOutputBytes} bytes`));
      else chunks.push(chunk);
    });
    child.on("error", (error) => {
      const missing = "code" in error && error.code === "ENOENT";
      settle(() => (missing ? resolve(undefined) : reject(failed(program, "the configuration", "it cannot be run"))));
    });
    child.on("close", (code) => settle(() => resolve({ code, output: Buffer.concat(chunks).toString("utf8") })));
    child.stdin.on("error", () => {
      // A helper that ends without reading its input breaks the pipe; its exit code says what matters.
    });
    child.stdin.end(server);
  });
}
