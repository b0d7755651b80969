import { createReadStream } from "node:fs";
import { ScError } from "@sc/model";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";

/** A password is a line; more is another file. */
const maxPasswordBytes = 4096;

/**
 * The password that the options of `passwordOptions` give: from the command line, a file or a descriptor before a
 * variable; `undefined` where there is none. It may be empty, and appears in no output. Throws `CLI_USAGE` where two
 * are given, and what reading throws.
 */
export async function givenPassword(context: ActionContext): Promise<Uint8Array | undefined> {
  const { values } = context;
  const text = values.text("password");
  const file = values.text("password-file");
  const descriptor = values.text("password-fd");
  const written = text !== undefined && values.origin("password").startsWith("--");
  if ([written, file !== undefined, descriptor !== undefined].filter(Boolean).length > 1) {
    throw new ScError("CLI_USAGE", "--password, --password-file and --password-fd exclude each other");
  }
  if (file !== undefined) return passwordIn(await readUserFile(file, { maxBytes: maxPasswordBytes }), context);
  if (descriptor !== undefined) return passwordIn(await readDescriptor(descriptor), context);
  return text === undefined ? undefined : Buffer.from(text);
}

/** Whether the options or a variable say where a password is. */
export function isPasswordGiven({ values }: ActionContext): boolean {
  return ["password", "password-file", "password-fd"].some((name) => values.text(name) !== undefined);
}

/** The password in a file: its one line, without the line feed at its end. */
export function passwordIn(bytes: Uint8Array, { hide }: Pick<ActionContext, "hide">): Uint8Array {
  const password = new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  hide(password);
  return Buffer.from(password);
}

async function readDescriptor(text: string): Promise<Uint8Array> {
  if (!/^\d{1,4}$/.test(text)) {
    throw new ScError("CLI_USAGE", `--password-fd: wanted a number, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  const chunks: Buffer[] = [];
  try {
    // One byte more than may be, so that more is noticed and nothing endless is read.
    for await (const chunk of createReadStream("", { fd: Number(text), autoClose: false })) {
      chunks.push(Buffer.from(chunk));
      if (chunks.reduce((sum, { length }) => sum + length, 0) > maxPasswordBytes) break;
    }
  } catch (cause) {
    throw new ScError("FILE_UNREADABLE", `--password-fd ${text}: cannot be read`, { cause });
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length <= maxPasswordBytes) return bytes;
  throw new ScError("FILE_UNREADABLE", `--password-fd ${text}: wanted at most ${maxPasswordBytes} bytes`);
}

/**
 * The password for a new private key: as `givenPassword` finds it, else asked for twice. Throws `CLI_USAGE` where
 * there is neither, since an unprotected key must be somebody's decision.
 */
export async function newPassword(context: ActionContext): Promise<Uint8Array> {
  const given = await givenPassword(context);
  if (given !== undefined) return given;
  const first = await context.askSecret("Password for the private key: ");
  if (first === undefined) throw noPassword();
  const second = await context.askSecret("The same again: ");
  if (first === second) return Buffer.from(first);
  throw new ScError("CLI_USAGE", "the two passwords differ");
}

function noPassword(): ScError {
  return new ScError("CLI_USAGE", "there is no password for the private key, and no terminal to ask on", {
    hint: "Set COSIGN_PASSWORD; it may be empty.",
  });
}
