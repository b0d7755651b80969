import { hasCode } from "@sc/model";
import { describe, expect, test } from "vitest";
import { guardedLookup, isLoopbackHost, resolveReferral } from "./referral.ts";

const what = "redirect";
const refused = (target: string, source: string): void => {
  expect(() => resolveReferral(target, new URL(source), { what }), `${source} → ${target}`).toThrow(
    expect.objectContaining({ code: "REDIRECT_REFUSED" }),
  );
};

describe("an address that a server names", () => {
  test("is resolved against who named it", () => {
    const source = new URL("https://registry.example/v2/a");
    expect(resolveReferral("../b?c=%2F", source, { what }).href).toBe("https://registry.example/b?c=%2F");
    expect(resolveReferral("//storage.example/x", source, { what }).href).toBe("https://storage.example/x");
  });

  test("may not lead from https to http, nor to another scheme, nor carry a user", () => {
    refused("http://registry.example/", "https://registry.example/");
    for (const target of [
      "file:///etc/passwd",
      "ftp://a/",
      "data:,x",
      "https://u:p@a/",
      "http://[",
      "https://user@registry.example/",
    ]) {
      refused(target, "https://registry.example/");
    }
  });

  test("may not be a metadata service, however its address is written", () => {
    for (const host of [
      "169.254.169.254",
      "2852039166",
      "0xa9fea9fe",
      "0251.0376.0251.0376",
      "169.254.43518",
      "[fe80::1]",
      "[::ffff:169.254.169.254]",
      "[::ffff:a9fe:a9fe]",
      "[fd00:ec2::254]",
      "100.100.100.200",
    ]) {
      refused(`https://${host}/latest`, "https://registry.example/");
      refused(`http://${host}/latest`, "http://127.0.0.1:5000/");
    }
  });

  test("may be this machine only when this machine named it", () => {
    for (const host of [
      "127.0.0.1",
      "127.1",
      "localhost",
      "a.localhost",
      "[::1]",
      "0.0.0.0",
      "[::ffff:127.0.0.1]",
      "[::]",
      "LOCALHOST",
    ]) {
      refused(`https://${host}:8443/`, "https://registry.example/");
      expect(resolveReferral(`http://${host}:81/`, new URL("http://localhost:5000"), { what }).port).toBe("81");
    }
  });

  test("an error says who named what, without its secrets", () => {
    try {
      resolveReferral("http://a/?secret", new URL("https://u:p@registry.example/v2/?s"), { what });
      expect.unreachable();
    } catch (error) {
      expect(hasCode(error, "REDIRECT_REFUSED") && error.message).toBe(
        "https://registry.example/v2/?…: the redirect http://a/?… is not followed: it leads from https to plain http",
      );
    }
  });
});

test("a name is this machine's only as a whole", () => {
  for (const host of ["localhost.evil.com", "127.0.0.1.nip.io", "evil-localhost", "128.0.0.1"])
    expect(isLoopbackHost(host)).toBe(false);
});

const ask = async (address: string, source: string): Promise<string> =>
  await new Promise((resolve) => {
    const guarded = guardedLookup(new URL(source), (_, options, callback) => {
      if (options.all === true)
        callback(null, [
          { address: "192.0.2.1", family: 4 },
          { address, family: 4 },
        ]);
      else callback(null, address, 4);
    });
    guarded("rebound.example", { all: source.startsWith("https") }, (error) =>
      resolve(error === null ? "asked" : String(error)),
    );
  });

describe("a name that a server names", () => {
  test("is not asked when one of its addresses is internal (a rebound name)", async () => {
    for (const address of ["169.254.169.254", "fe80::1", "127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1"]) {
      expect(await ask(address, "https://registry.example/"), address).toMatch(/is not asked/);
      expect(await ask(address, "http://registry.example/"), address).toMatch(/is not asked/);
    }
    expect(await ask("169.254.169.254", "http://localhost:5000/")).toMatch(/is not asked/);
  });

  test("is asked when they are not, also inside a company's own network", async () => {
    for (const address of ["203.0.113.7", "10.0.0.1", "192.168.1.1", "2001:db8::1"]) {
      expect(await ask(address, "https://registry.example/"), address).toBe("asked");
    }
    expect(await ask("127.0.0.1", "http://localhost:5000/")).toBe("asked");
  });
});
