import { expect, test } from "vitest";
import { isLicenseExpression, readLicense, readLicenses } from "./license.ts";

test.each([
  ["MIT", "MIT"],
  ["apache-2.0", "Apache-2.0"],
  ["MPL-2.0 AND MIT", "MPL-2.0 AND MIT"],
  ["Expat", "MIT"],
  ["GPL-2", "GPL-2.0-only"],
  ["GPL-2+", "GPL-2.0-or-later"],
  ["GPL-2.0", "GPL-2.0-only"],
  ["GPL-2.0+", "GPL-2.0-or-later"],
  ["GPLv2+", "GPL-2.0-or-later"],
  ["GPL2", "GPL-2.0-only"],
  ["LGPL-2.1+", "LGPL-2.1-or-later"],
  ["LGPLv2+ and (GPLv3+ or MIT)", "LGPL-2.0-or-later AND (GPL-3.0-or-later OR MIT)"],
  ["GPL-2+ or Artistic-2, and Expat", "(GPL-2.0-or-later OR Artistic-2.0) AND MIT"],
  ["GPL-2+ with classpath exception", "GPL-2.0-or-later WITH Classpath-exception-2.0"],
  ["GPL-3.0-or-later WITH GCC-exception-3.1", "GPL-3.0-or-later WITH GCC-exception-3.1"],
  ["ASL 2.0", "Apache-2.0"],
  ["GPL-2+ with Texinfo exception", "GPL-2.0-or-later WITH Texinfo-exception"],
  ["GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"],
  ["MIT and GPL-2 with classpath exception", "MIT AND GPL-2.0-only WITH Classpath-exception-2.0"],
  ["GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"],
  ["LicenseRef-Proprietary", "LicenseRef-Proprietary"],
  ["(MIT OR Apache-2.0)", "(MIT OR Apache-2.0)"],
])("%j is the expression %s", (declared, expression) => {
  expect(readLicense(declared)).toEqual({ declared, expression });
});

test.each([
  "BSD",
  "GPL",
  "LGPL",
  "Artistic",
  "Public Domain",
  "MIT BSD GPL2+",
  "MIT AND",
  "SEE LICENSE IN LICENSE.txt",
  "GPL-2+ with OpenSSL exception",
  "LGPL-1.1",
  "MIT, BSD-2-Clause",
  `${"(".repeat(900)}MIT${")".repeat(900)}`,
  "MIT OR ".repeat(280),
  "x".repeat(100_000),
])("%.40j has no expression: nothing is guessed", (declared) => {
  const license = readLicense(declared);
  expect(license?.declared).toBe(declared.slice(0, 4096).trim());
  expect(license).not.toHaveProperty("expression");
});

test("names separated by spaces all apply where the database means it", () => {
  expect(readLicense("MIT GPL2+", { spaceMeansAnd: true })?.expression).toBe("MIT AND GPL-2.0-or-later");
  expect(readLicense("MIT BSD GPL2+", { spaceMeansAnd: true })).toEqual({ declared: "MIT BSD GPL2+" });
});

test("texts that say nothing are no licences, and repeated ones are one", () => {
  expect(readLicenses(["UNKNOWN", "", "MIT", "none", "MIT"])).toEqual([{ declared: "MIT", expression: "MIT" }]);
});

test("every expression that is given is valid", () => {
  for (const declared of ["GPL-2+ or Artistic-2, and Expat", "MIT GPL2+", "LGPLv2+ and (GPLv3+ or MIT)"]) {
    const expression = readLicense(declared, { spaceMeansAnd: true })?.expression;
    expect(expression !== undefined && isLicenseExpression(expression)).toBe(true);
  }
});
