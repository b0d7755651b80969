import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKeylessSigner, type IdentityPolicy, type Signer, type SignerPolicy } from "@sc/sign";
import { Authorities, signerIdentity, type TrustedRootJson, verdictOn } from "./sign-authorities.ts";
import { newKey, outcomeOf, type TestKey } from "./sign-support.ts";

let at: Authorities;
beforeAll(async () => {
  at = await Authorities.start();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
});

async function verdictOnCertificate(wish: object, by: SignerPolicy = at.policy()): Promise<string> {
  const signer = await at.certified(wish, [at.rekor(1), at.timestamps()]);
  return await verdictOn(await at.bundleBy(signer), by);
}

function withoutCtLogs(root: TrustedRootJson): void {
  root.ctlogs = [];
}

describe("the CT log's promise in a certificate (SIGN-5)", () => {
  test("is demanded where the trust root has a CT log, and only there", async () => {
    expect(await verdictOnCertificate({})).toBe("accepted");
    expect(await verdictOnCertificate({ logged: "none" })).toBe("CERTIFICATE_INVALID");
    expect(await verdictOnCertificate({ logged: "none" }, at.policy(withoutCtLogs))).toBe("accepted");
  });

  test("that is of a different certificate is refused (SCT of a different cert)", async () => {
    expect(await verdictOnCertificate({ logged: "another" })).toBe("CERTIFICATE_INVALID");
  });

  test("by a log that the trust root had ended before is refused", async () => {
    const by = at.policy(({ ctlogs }) => {
      const validFor = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
      for (const log of ctlogs) Object.assign(log["publicKey"] ?? {}, { validFor });
    });
    expect(await verdictOnCertificate({}, by)).toBe("CERTIFICATE_INVALID");
  });

  test("by a log that is not believed is refused", async () => {
    await using other = await Authorities.start();
    const foreign: TrustedRootJson = JSON.parse(Buffer.from(other.sigstore.trustedRoot).toString());
    const by = at.policy((root) => {
      root.ctlogs = foreign.ctlogs;
    });
    expect(await verdictOnCertificate({}, by)).toBe("CERTIFICATE_INVALID");
  });
});

describe("time (SIGN-5)", () => {
  test("a certificate that had run out when it was signed with is refused", async () => {
    const issuedAt = new Date(at.sigstore.clock.getTime() - 11 * 60_000);
    expect(await verdictOnCertificate({ issuedAt })).toBe("CERTIFICATE_INVALID");
  });

  test("a certificate that was not valid yet is refused", async () => {
    const issuedAt = new Date(at.sigstore.clock.getTime() + 60_000);
    expect(await verdictOnCertificate({ issuedAt })).toBe("CERTIFICATE_INVALID");
  });

  test("an authority that the trust root had ended before is refused, though the certificate is in time", async () => {
    const by = at.policy(({ certificateAuthorities }) => {
      for (const authority of certificateAuthorities) {
        authority["validFor"] = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
      }
    });
    expect(await verdictOnCertificate({}, by)).toBe("CERTIFICATE_INVALID");
  });

  test("an authority whose own certificate had run out is refused, though the trust root and the certificate are in time", async () => {
    for (const [days, outcome] of [
      [300, "accepted"],
      [400, "CERTIFICATE_INVALID"],
    ] as const) {
      // The root certificates are good for a year; the log's promise is the only time, so no other certificate counts.
      await using later = await Authorities.start({ laterSeconds: days * 86_400 });
      const signer = await later.certified({}, [later.rekor(1)]);
      const by = later.policy(undefined, { now: later.sigstore.clock });
      expect(await verdictOn(await later.bundleBy(signer), by), `${days} days`).toBe(outcome);
    }
  });

  test("a timestamp authority that the trust root had ended before is refused", async () => {
    const by = at.policy(({ timestampAuthorities }) => {
      for (const authority of timestampAuthorities) {
        authority["validFor"] = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
      }
    });
    expect(await verdictOnCertificate({}, by)).toBe("TIMESTAMP_INVALID");
  });

  test("a timestamp authority is believed up to the very second that it ends, and not a second longer", async () => {
    expect(await verdictOnCertificate({}, until(0))).toBe("accepted");
    expect(await verdictOnCertificate({}, until(-1))).toBe("TIMESTAMP_INVALID");
  });
});

/** The trust root, whose timestamp authority ends so many seconds after the present of all authorities. */
function until(seconds: number): SignerPolicy {
  const end = new Date(at.sigstore.clock.getTime() + seconds * 1000).toISOString();
  return at.policy(({ timestampAuthorities }) => {
    for (const authority of timestampAuthorities) authority["validFor"] = { start: "2020-01-01T00:00:00Z", end };
  });
}

async function asked(subject: string, wanted: Partial<IdentityPolicy>): Promise<string> {
  return await verdictOnCertificate(
    { subject },
    at.policy(undefined, { identities: [{ ...signerIdentity, ...wanted }] }),
  );
}

describe("a name (SIGN-5)", () => {
  test.each([
    ["https://github.com/acme/api", "https://github.com/acme/api/"],
    ["https://github.com/acme/api", "https://github.com/acme%2Fapi"],
    ["https://github.com/acme/api%40v1", "https://github.com/acme/api@v1"],
    ["https://github.com/acme/api@v1", "https://github.com/acme/api@v1@"],
    ["https://github.com/acme/api@v1@v2", "https://github.com/acme/api@v1"],
    ["https://github.com/ACME/api", "https://github.com/acme/api"],
  ])("%s is not %s", async (subject, wanted) => {
    expect(await asked(subject, { subject })).toBe("accepted");
    expect(await asked(subject, { subject: wanted })).toBe("IDENTITY_MISMATCH");
  });

  test("that is an address of e-mail in a place for a URI is refused (e-mail and URI confused)", async () => {
    expect(await asked("a@example.org", { subject: "a@example.org" })).toBe("CERTIFICATE_INVALID");
  });

  test("and its issuer may both be patterns, and both are asked (Kyverno CVE-2025-29778)", async () => {
    const subject = "https://github.com/acme/api";
    const pattern = /https:\/\/github\.com\/acme\/.+/;
    const issuer = /https:\/\/token\.actions\..+/;
    expect(await asked(subject, { subject: pattern, issuer })).toBe("accepted");
    expect(await asked(subject, { subject: /https:\/\/github\.com\/evil\/.+/, issuer })).toBe("IDENTITY_MISMATCH");
    expect(await asked(subject, { subject: pattern, issuer: /https:\/\/evil\..+/ })).toBe("IDENTITY_MISMATCH");
  });
});

test("an identity token of any size and with any number of dots is refused at once (CVE-2025-66506, CVE-2025-66564)", async () => {
  for (const token of [".".repeat(50_000_000), "a".repeat(50_000_000), "a.b.c.d", "a..b", ""]) {
    const signer = createKeylessSigner({
      identityToken: () => Promise.resolve(token),
      fulcioUrl: at.sigstore.origin,
      client: at.client,
      witnesses: [at.rekor(1)],
    });
    const before = process.memoryUsage().heapUsed;
    expect(await outcomeOf(() => signer.sign(Buffer.from("x")))).toBe("IDENTITY_TOKEN_INVALID");
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
  }
});

test.each([1, 2] as const)(
  "what somebody else's key signed is not the certificate's, though a log of version %s and a clock vouch for it (SIGN-5)",
  async (version) => {
    const witnesses = [at.rekor(version), at.timestamps()];
    const honest = await at.certified({}, witnesses);
    expect(await verdictOn(await at.bundleBy(honest), at.policy())).toBe("accepted");
    // Whoever saw the certificate has it, but not its key: these logs take what real ones would look at first.
    const thief: Signer = {
      witnesses,
      sign: async (payload, call) => ({ ...(await honest.sign(payload, call)), ...(await bytesBy(newKey(), payload)) }),
    };
    expect(await verdictOn(await at.bundleBy(thief), at.policy())).toBe("SIGNATURE_MISMATCH");
  },
);

async function bytesBy({ signer }: TestKey, payload: Uint8Array): Promise<{ readonly bytes: Uint8Array }> {
  const { bytes } = await signer.sign(payload);
  return { bytes };
}
