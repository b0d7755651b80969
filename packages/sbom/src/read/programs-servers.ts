import { behind, type KnownProgram } from "./known-program.ts";

/** Servers, libraries for them, and the tools of a system. */
export const serverPrograms: readonly KnownProgram[] = [
  {
    name: "aws-lc",
    files: ["openssl", "libcrypto", "libssl"],
    cpe: ["amazon", "aws_libcrypto"],
    patterns: [{ literal: "AWS-LC ", pattern: /OpenSSL [\d.]+ \(compatible; AWS-LC (\d+\.\d+\.\d+)\)/ }],
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
  {
    name: "nginx",
    files: ["nginx"],
    cpe: ["f5", "nginx"],
    // OpenResty puts a number of its own behind the version of nginx.
    patterns: [behind("nginx version: openresty/"), behind("nginx/")],
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
      {
        literal: "HAProxy version",
        pattern: /\0(\d+\.\d+(?:\.\d+|-dev\d+))-[0-9a-f]{7}\0+HAProxy version/,
      },
    ],
  },
  { name: "lighttpd", files: ["lighttpd"], cpe: ["lighttpd", "lighttpd"], patterns: [behind("lighttpd/")] },
  {
    name: "proftpd",
    files: ["proftpd"],
    cpe: ["proftpd", "proftpd"],
    patterns: [{ literal: "ProFTPD Version ", pattern: /\0ProFTPD Version (\d+\.\d+\.\d+[a-z]?)\0/ }],
  },
  {
    name: "envoy",
    files: ["envoy"],
    cpe: ["envoyproxy", "envoy"],
    // Between NULs, beside texts of Envoy itself: the libraries in it have versions too.
    patterns: [
      {
        literal: "\u00001.",
        pattern:
          /\0(1\.\d{1,2}\.\d+(?:-dev)?)\0(?=[^]{0,370}?(?:[Ee]nvoy|source\/common|source->|quiche|Unable to convert YAML|RELEASE|TLS client|EVENT_PRECISE_TIMER|callbacks::|Extract called))/,
      },
    ],
  },
  {
    name: "fluent-bit",
    files: ["fluent-bit"],
    cpe: ["treasuredata", "fluent_bit"],
    patterns: [
      // oxlint-disable-next-line no-control-regex -- the sequence that makes a terminal's letters bold
      { literal: "Fluent Bit", pattern: /\0(\d+\.\d+\.\d+)\0(?:\u001b\[1m\0|\0{0,2})(?:%s)?Fluent Bit/ },
    ],
  },
  { name: "curl", files: ["curl"], cpe: ["haxx", "curl"], patterns: [behind("curl/"), behind("curl ")] },
  { name: "libcurl", files: ["libcurl"], cpe: ["haxx", "libcurl"], patterns: [behind("libcurl/")] },
  { name: "git", files: ["git"], cpe: ["git-scm", "git"], patterns: [behind("git/")] },
  {
    name: "krb5",
    files: ["libkrb5"],
    cpe: ["mit", "kerberos_5"],
    patterns: [{ literal: "KRB5_BRAND: ", pattern: /KRB5_BRAND: krb5-\S{1,40} (\d+(?:\.\d+){1,2})\s/ }],
  },
  {
    name: "heimdal-krb5",
    files: ["libkrb5"],
    cpe: ["heimdal_project", "heimdal"],
    patterns: [{ literal: "$Version: Heimdal ", pattern: /\$Version: Heimdal (\d+(?:\.\d+){1,2})\s/ }],
  },
  {
    name: "qtbase",
    files: ["libQtCore", "libQt5Core", "libQt6Core"],
    cpe: ["qt", "qt"],
    patterns: [{ literal: "\0Qt ", pattern: /\0Qt (\d+\.\d+\.\d+) \(/ }, behind("QtCore library version ")],
  },
  {
    name: "ffmpeg",
    files: ["ffmpeg", "ffprobe", "libavcodec", "libavformat", "libavutil", "libswresample"],
    cpe: ["ffmpeg", "ffmpeg"],
    patterns: ["%s version ", "FFmpeg version "].map((literal) => ({
      literal,
      pattern: new RegExp(String.raw`${literal}(\d+\.\d+(?:\.\d+)?)`),
    })),
  },
  {
    name: "util-linux",
    files: ["getopt"],
    cpe: ["kernel", "util-linux"],
    patterns: [{ literal: "\0util-linux ", pattern: /\0util-linux (\d+\.\d+(?:\.\d+)?)\0/ }],
  },
  {
    name: "zstd",
    files: ["zstd"],
    cpe: ["facebook", "zstandard"],
    patterns: [{ literal: "\0v1.", pattern: /\0v(1\.\d+\.\d+)\0/ }],
    requires: "Zstandard",
  },
  {
    name: "xz",
    files: ["xz"],
    cpe: ["tukaani", "xz"],
    patterns: [{ literal: "xz (XZ Utils) ", pattern: /xz \(XZ Utils\) (\d+\.\d+\.\d+(?:alpha|beta)?)\0/ }],
  },
  {
    name: "gzip",
    files: ["gzip"],
    cpe: ["gnu", "gzip"],
    patterns: [{ literal: "\u00001.", pattern: /\0(1\.\d{1,2})\0/ }],
    requires: "not in gzip format",
  },
  {
    name: "jq",
    files: ["jq"],
    cpe: ["jqlang", "jq"],
    patterns: [{ literal: "\u00001.", pattern: /\0(1\.\d{1,2}(?:\.\d+)?)\0/ }],
    requires: "jq: error",
  },
  {
    name: "chrome",
    files: ["chrome"],
    cpe: ["google", "chrome"],
    patterns: [{ literal: "\0Default", pattern: /\0(\d+\.\d+\.\d+\.\d+)\0Default/ }],
  },
  { name: "wp-cli", files: ["wp"], cpe: ["wp-cli", "wp-cli"], patterns: [behind("wp-cli/wp-cli ")], plain: true },
];
