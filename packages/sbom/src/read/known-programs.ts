import type { TextPattern } from "./find-text.ts";

/** A program that is known by the version in its binary. */
export interface KnownProgram {
  readonly name: string;
  /** Names of files without the version in them: `python` for `python3.11`, `libcrypto` for `libcrypto.so.3`. */
  readonly files: readonly string[];
  /** Vendor and product as vulnerability feeds call them. */
  readonly cpe: readonly [vendor: string, product: string];
  readonly patterns: readonly TextPattern[];
}

const number = String.raw`(\d+\.\d+\.\d+)`;

/** `literal` and a version of three numbers right behind it. */
function behind(literal: string): TextPattern {
  return { literal, pattern: new RegExp(literal.replaceAll(/[().*+/@#]/g, String.raw`\$&`) + number) };
}

/** The version that Redis and its kin put together with the name of the machine and the time of the build. */
const redisBuild: readonly TextPattern[] = [
  { literal: "00000000", pattern: /(?:^|[^\d.])(\d{1,2}\.\d{1,3}\.\d{1,3})[A-Za-z][\w.-]{0,80}-\d{9,12}0{8}/ },
  // Distributions leave the machine out: what is left are the ten digits of the time, one for changes, and no commit.
  { literal: "00000000", pattern: /(?:^|[^\d.])(\d{1,2}\.\d{1,3}\.\d{1,3})[12]\d{9}[01]0{8}\0/ },
];

/** Programs that images hold without a package: built from source or copied from elsewhere. */
export const knownPrograms: readonly KnownProgram[] = [
  { name: "node", files: ["node", "libnode"], cpe: ["nodejs", "node.js"], patterns: [behind("node.js/v")] },
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
  {
    name: "openssl",
    files: ["openssl", "libcrypto", "libssl"],
    cpe: ["openssl", "openssl"],
    patterns: [
      {
        literal: "OpenSSL ",
        pattern: /OpenSSL (\d+\.\d+\.\d+[a-z]{0,2}(?:-[a-z]+\d*)?) {1,2}\d{1,2} [A-Z][a-z]{2} \d{4}/,
      },
    ],
  },
  { name: "busybox", files: ["busybox"], cpe: ["busybox", "busybox"], patterns: [behind("BusyBox v")] },
  { name: "bash", files: ["bash"], cpe: ["gnu", "bash"], patterns: [behind("@(#)Bash version ")] },
  { name: "nginx", files: ["nginx"], cpe: ["f5", "nginx"], patterns: [behind("nginx/")] },
  { name: "redis", files: ["redis-server", "redis-check-rdb"], cpe: ["redis", "redis"], patterns: redisBuild },
  {
    name: "valkey",
    files: ["valkey-server", "valkey-check-rdb"],
    cpe: ["lfprojects", "valkey"],
    patterns: redisBuild,
  },
  {
    name: "postgresql",
    files: ["postgres"],
    cpe: ["postgresql", "postgresql"],
    patterns: [{ literal: "(PostgreSQL) ", pattern: /\(PostgreSQL\) (\d+(?:\.\d+){1,2}|\d+(?:alpha|beta|rc)\d+)/ }],
  },
  {
    name: "mariadb",
    files: ["mariadbd", "mariadb", "mysqld", "mysql"],
    cpe: ["mariadb", "mariadb"],
    patterns: [{ literal: "-MariaDB", pattern: /(?:^|[^\d.])(\d+\.\d+\.\d+)-MariaDB/ }],
  },
  {
    name: "mysql",
    files: ["mysqld", "mysql"],
    cpe: ["oracle", "mysql"],
    patterns: [{ literal: "/mysql-", pattern: /\/mysql-(\d+\.\d+\.\d+)\// }],
  },
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
    patterns: [{ literal: "ruby ", pattern: /ruby (\d+\.\d+\.\d+)(?:p\d+|[a-z]+\d*)? \(\d{4}-/ }],
  },
  {
    name: "perl",
    files: ["perl", "libperl"],
    cpe: ["perl", "perl"],
    patterns: [behind("/perl5/"), behind("/perl/")],
  },
  {
    name: "openjdk",
    files: ["java"],
    cpe: ["oracle", "openjdk"],
    patterns: [{ literal: "openjdk\0java\0", pattern: /openjdk\0java\0[\d.]{1,12}\0+(\d[\w.+-]{0,60})\0/ }],
  },
  { name: "httpd", files: ["httpd", "apache"], cpe: ["apache", "http_server"], patterns: [behind("Apache/")] },
  {
    name: "haproxy",
    files: ["haproxy"],
    cpe: ["haproxy", "haproxy"],
    patterns: [
      { literal: ", released 20", pattern: / (\d+\.\d+(?:\.\d+|-dev\d+))[^\0\s,]{0,60}, released 20\d\d\// },
      behind("HAProxy version "),
      behind("HA-Proxy version "),
    ],
  },
  { name: "memcached", files: ["memcached"], cpe: ["memcached", "memcached"], patterns: [behind("memcached ")] },
  { name: "curl", files: ["curl"], cpe: ["haxx", "curl"], patterns: [behind("curl/"), behind("curl ")] },
  { name: "libcurl", files: ["libcurl"], cpe: ["haxx", "libcurl"], patterns: [behind("libcurl/")] },
  { name: "git", files: ["git"], cpe: ["git-scm", "git"], patterns: [behind("git/")] },
  { name: "consul", files: ["consul"], cpe: ["hashicorp", "consul"], patterns: [behind("CONSUL_VERSION: ")] },
  {
    name: "erlang",
    files: ["beam.smp", "erlexec"],
    cpe: ["erlang", "erlang/otp"],
    patterns: [{ literal: "otp_src_", pattern: /otp_src_(\d+\.\d+(?:\.\d+){0,2})\// }],
  },
  {
    name: "rust",
    files: ["libstd", "librustc_driver"],
    cpe: ["rust-lang", "rust"],
    patterns: [behind("rustc version "), { literal: "/rustc-", pattern: /\/rustc-(\d+\.\d+\.\d+)\/library\// }],
  },
];

/** Files of text that hold nothing but a version. */
export const versionFiles: readonly {
  readonly name: string;
  readonly path: RegExp;
  readonly pattern: RegExp;
  readonly cpe: readonly [vendor: string, product: string];
}[] = [
  {
    name: "go",
    path: /(?:^|\/)go(?:-\d+\.\d+)?\/VERSION$/,
    pattern: /^go(\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)/,
    cpe: ["golang", "go"],
  },
  {
    name: "erlang",
    path: /(?:^|\/)releases\/\d+\/OTP_VERSION$/,
    pattern: /^(\d+\.\d+(?:\.\d+){0,3})/,
    cpe: ["erlang", "erlang/otp"],
  },
];

const byFile: ReadonlyMap<string, readonly KnownProgram[]> = new Map(
  [...new Set(knownPrograms.flatMap(({ files }) => files))].map((file) => [
    file,
    knownPrograms.filter(({ files }) => files.includes(file)),
  ]),
);

/** The programs that a file may be, by its name. */
export function programsNamed(path: string): readonly KnownProgram[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const library = name.indexOf(".so");
  // `openssl.so` is what a language loads to reach OpenSSL, and no program.
  if (library !== -1 && !name.startsWith("lib")) return [];
  const stem = library === -1 ? name : name.slice(0, library);
  return (
    byFile.get(stem) ??
    byFile.get(stem.replace(/[.\d-]+$/, "")) ??
    // Python has the flags of its build behind its version.
    byFile.get(stem.replace(/(?<=python)[23]\.\d{1,2}[dmtu]{1,3}$/, "")) ??
    // Rust has a hash in the names of its libraries.
    (library === -1 ? undefined : byFile.get(stem.replace(/-[0-9a-f]{16}$/, ""))) ??
    []
  );
}
