import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { main } from "@sc/cli";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "sc-prompt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a person at a terminal saw, and whether the terminal was kept from showing what they typed. */
interface Session {
  readonly exitCode: number;
  readonly shown: string;
  /** The modes of the terminal in their order: raw is without echo. */
  readonly raw: readonly boolean[];
}

/** Runs a command at a terminal, where somebody types each answer when the next question stands there. */
async function at(words: readonly string[], answers: readonly string[], questions: RegExp): Promise<Session> {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => {
      raw.push(mode);
      return stdin;
    },
  });
  let shown = "";
  let answered = 0;
  const screen = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        shown += chunk.toString();
        const asked = shown.match(questions)?.length ?? 0;
        for (; answered < asked && answered < answers.length; answered += 1) {
          const answer = `${answers[answered]}\r`;
          // People answer when the question stands there.
          setImmediate(() => stdin.write(answer));
        }
        done();
      },
    }),
    { isTTY: true, columns: 80 },
  );
  const exitCode = await main({
    argv: words,
    variables: { HOME: folder, LANG: "C.UTF-8" },
    platform: "linux",
    stdin,
    stdout: screen,
    stderr: screen,
    signal: new AbortController().signal,
    now: () => new Date("2026-11-21T00:00:00Z"),
  });
  return { exitCode, shown, raw };
}

const questions = /Password for the private key: |The same again: |Password of /g;
const prefix = join(folder, "cosign");

describe("a password is asked for where none is given (SIGN-1)", () => {
  test("twice for a new key, and never shown", async () => {
    const made = await at(["key", "generate", "--output-key-prefix", prefix], ["tr0ub4dor", "tr0ub4dor"], questions);
    expect(made.exitCode).toBe(0);
    expect(made.shown).toContain("The same again: ");
    expect(made.shown).not.toContain("tr0ub4dor");
    expect(made.raw).toEqual([true, false, true, false]);
    expect(readFileSync(`${prefix}.key`, "utf8")).toContain("ENCRYPTED SIGSTORE PRIVATE KEY");
    expect(statSync(`${prefix}.key`).mode & 0o777).toBe(0o600);
  });

  test("and two that differ make no key", async () => {
    const other = join(folder, "other");
    const refused = await at(["key", "generate", "--output-key-prefix", other], ["one", "two"], questions);
    expect(refused.exitCode).toBe(3);
    expect(() => statSync(`${other}.key`)).toThrow();
  });

  test("once to open one, and a wrong one opens nothing", async () => {
    const open = ["key", "public", "--key", `${prefix}.key`];
    const opened = await at(open, ["tr0ub4dor"], questions);
    expect([opened.exitCode, opened.raw]).toEqual([0, [true, false]]);
    expect(opened.shown).toContain("BEGIN PUBLIC KEY");
    expect(opened.shown).not.toContain("tr0ub4dor");
    const wrong = await at(open, ["wr0ng-one"], questions);
    expect(wrong.exitCode).toBe(3);
    expect(wrong.shown).not.toContain("wr0ng-one");
  });
});
