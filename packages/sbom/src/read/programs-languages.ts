import type { TextPattern } from "./find-text.ts";
import { behind, type KnownProgram } from "./known-program.ts";

/** Versions of Julia stand between NULs, beside texts that differ from one release to the next. */
function besideJulia(next: string): TextPattern {
  const version = String.raw`\0(\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\d+)?)\0`;
  return { literal: next, pattern: new RegExp(version + next) };
}

/** What Java's launchers have between NULs: names, a version that is not used, and that of the build. */
function javaBuild(launcher: string): readonly TextPattern[] {
  return [
    {
      literal: `openjdk\0${launcher}\0`,
      pattern: new RegExp(String.raw`openjdk\0${launcher}\0[\d.]{1,12}\0+(\d[\w.+-]{0,60})\0`),
    },
    // Of 64-bit ARM the other way round.
    {
      literal: `openjdk\0${launcher}\0`,
      pattern: new RegExp(String.raw`\0(\d[\w.+-]{0,60})\0+openjdk\0${launcher}\0`),
    },
  ];
}

/** Interpreters, virtual machines and compilers. */
export const languagePrograms: readonly KnownProgram[] = [
  {
    name: "node",
    files: ["node", "libnode"],
    cpe: ["nodejs", "node.js"],
    patterns: [
      behind("node.js/v"),
      // Before version 8 alone between NULs.
      ...["v0.", "v4.", "v5.", "v6."].map((literal) => ({
        literal,
        pattern: /\0(?:node )?v([0456]\.\d{1,3}\.\d{1,3})\0/,
      })),
    ],
  },
  {
    name: "python",
    files: ["python", "libpython"],
    cpe: ["python", "python"],
    patterns: [
      // Between NULs in the binary; in libpython with the flags of the build before it.
      { literal: "\u00003.", pattern: /\0(3\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d+)?\+?)\0/ },
      { literal: "\u00002.", pattern: /\0(2\.\d\.\d{1,2}(?:(?:a|b|rc)\d+)?\+?)\0/ },
      // A linker keeps a text that another ends with only once: that of the folder which pyenv, asdf and mise install to.
      { literal: "/versions/", pattern: /\/versions\/([23]\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d+)?)\0/ },
      { literal: "/python/", pattern: /\/python\/([23]\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d+)?)\0/ },
    ],
  },
  { name: "pypy", files: ["libpypy", "pypy"], cpe: ["pypy", "pypy"], patterns: [behind("[PyPy ")] },
  {
    name: "php",
    files: ["php", "php-fpm", "php-cgi", "libphp"],
    cpe: ["php", "php"],
    patterns: [{ literal: "PHP/", pattern: /X-Powered-By: PHP\/(\d+\.\d+\.\d+(?:(?:alpha|beta|RC)\d+)?)/ }],
  },
  {
    name: "ruby",
    files: ["ruby", "libruby", "libruby-static"],
    cpe: ["ruby-lang", "ruby"],
    // Feeds name releases without their patch level: 2.7.7 for 2.7.7p221.
    patterns: [{ literal: "ruby ", pattern: /ruby (\d+\.\d+\.\d+(?:(?:preview|rc|dev)\d*)?)(?:p\d+)? \(\d{4}-/ }],
  },
  {
    name: "perl",
    files: ["perl", "libperl"],
    cpe: ["perl", "perl"],
    patterns: [behind("/perl5/"), behind("/perl/")],
  },
  {
    name: "graalvm",
    files: ["java", "jdb"],
    cpe: ["oracle", "graalvm"],
    patterns: [{ literal: "-jvmci-", pattern: /\0(\d[\d.]*\+\d+-jvmci-[\d.]+-b\d+)\0/ }],
  },
  { name: "openjdk", files: ["java"], cpe: ["oracle", "openjdk"], patterns: javaBuild("java") },
  { name: "openjdk", files: ["jdb"], cpe: ["oracle", "openjdk"], patterns: javaBuild("jdb") },
  {
    name: "jre",
    files: ["java"],
    cpe: ["oracle", "jre"],
    patterns: [
      { literal: "\0java\0", pattern: /\0java\0[\d.]{1,12}\0+(\d[\w.+-]{0,60})\0/ },
      { literal: "\0java\0", pattern: /\0(\d+\.\d[\w.+-]{0,60})\0+[\d.]{1,12}\0java\0/ },
    ],
  },
  {
    name: "erlang",
    files: ["beam.smp", "erlexec"],
    cpe: ["erlang", "erlang/otp"],
    patterns: [
      { literal: "otp_src_", pattern: /otp_src_(\d+\.\d+(?:\.\d+){0,2})\// },
      { literal: "Erlang/OTP", pattern: /\0(\d+\.\d+(?:\.\d+){0,2}(?:-rc\d)?)\0+Erlang\/OTP/ },
      { literal: "Erlang/OTP", pattern: /Erlang\/OTP [^\0]{1,150}\0+(\d+\.\d+(?:\.\d+){0,2}(?:-rc\d)?)\0/ },
    ],
  },
  {
    name: "erlang",
    files: ["liberts_internal.a"],
    cpe: ["erlang", "erlang/otp"],
    patterns: [{ literal: "otp_src_", pattern: /otp_src_(\d+\.\d+(?:\.\d+){0,2})\// }],
    plain: true,
  },
  {
    name: "rust",
    files: ["libstd", "librustc_driver"],
    cpe: ["rust-lang", "rust"],
    patterns: [
      behind("rustc version "),
      { literal: "/rustc-", pattern: /\/rustc-(\d+\.\d+\.\d+)\/library\// },
      { literal: "c 1.", pattern: /c (1\.\d+\.\d+) \([0-9a-f]{9} \d{4}-\d\d-\d\d\)/ },
    ],
  },
  {
    name: "dart",
    files: ["dart"],
    cpe: ["dart", "dart_software_development_kit"],
    patterns: ["stable", "beta", "dev"].map((channel) => ({
      literal: ` (${channel}) (`,
      pattern: new RegExp(String.raw`\0(\d+\.\d+\.\d+(?:-\d+(?:\.\d+)?\.\w+)?) \(${channel}\) \(`),
    })),
  },
  {
    name: "deno",
    files: ["deno"],
    cpe: ["deno", "deno"],
    patterns: [
      behind("Deno/"),
      { literal: "deno-", pattern: /deno-(?:canary\/)?[0-9a-f]{40}(?:release\/v)?(\d+\.\d+\.\d+)/ },
      { literal: "DENO_", pattern: /(?:^|[^\d.])(\d+\.\d+\.\d{1,2}?)[0-9a-f]{40}DENO_/ },
    ],
  },
  { name: "bun", files: ["bun"], cpe: ["oven-sh", "bun"], patterns: [behind("Bun v"), behind("bun-")] },
  {
    name: "ghc",
    files: ["ghc"],
    cpe: ["haskell", "ghc"],
    patterns: [
      { literal: "\0GHC ", pattern: /\0GHC (\d+\.\d+\.\d+)\0/ },
      { literal: "libHSghc-", pattern: /libHSghc-(\d+\.\d+\.\d+)-/ },
    ],
  },
  {
    name: "cabal",
    files: ["cabal"],
    cpe: ["haskell", "cabal"],
    patterns: [
      { literal: "cabal-install-", pattern: /cabal-install-(\d+(?:\.\d+){2,3})-/ },
      { literal: "\0Cabal-", pattern: /\0Cabal-(\d+(?:\.\d+){2,3})-/ },
    ],
  },
  {
    name: "julia",
    files: ["libjulia-internal", "libjulia"],
    cpe: ["julialang", "julia"],
    patterns: ["branch", "verify_methods", "BigInt", "julia version"].map(besideJulia),
  },
  {
    name: "swipl",
    files: ["swipl"],
    cpe: ["swi-prolog", "swi-prolog"],
    patterns: [{ literal: "/swipl-", pattern: /\/swipl-(\d+\.\d+\.\d+)\// }],
  },
  {
    name: "gcc",
    files: ["gcc"],
    cpe: ["gnu", "gcc"],
    patterns: [behind("GCC: (GNU) ")],
  },
  {
    name: "go",
    files: ["go", "go.exe"],
    cpe: ["golang", "go"],
    patterns: [{ literal: "\0go1.", pattern: /\0go(1\.\d+(?:\.\d+|(?:rc|beta)\d+)?)\0/ }],
  },
];
