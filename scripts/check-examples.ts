/**
 * Type-checks the examples that need packages which nothing else here does, against the real packages: they are
 * installed into a scratch folder, without their scripts, and are no dependency of this repository.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "sc-examples-"));
const wanted = ["@pulumi/pulumi@3.270.0"];

try {
  writeFileSync(join(scratch, "package.json"), JSON.stringify({ name: "examples", private: true }));
  const words = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent", ...wanted];
  execFileSync("npm", words, { cwd: scratch, stdio: "inherit" });
  const config = {
    extends: join(root, "tsconfig.tests.json"),
    compilerOptions: {
      incremental: false,
      tsBuildInfoFile: null,
      rootDir: "/",
      skipLibCheck: true,
      paths: { "@pulumi/pulumi": [join(scratch, "node_modules/@pulumi/pulumi/index.d.ts")] },
      typeRoots: [join(root, "node_modules/@types")],
    },
    include: [join(root, "examples/pulumi/*.ts")],
    exclude: [],
  };
  writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify(config));
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", scratch], { stdio: "inherit" });
  console.log(`examples: type-checked with ${wanted.join(", ")}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
