import type { TextPattern } from "./find-text.ts";
import { behind, type KnownProgram } from "./known-program.ts";

/** The version that Redis and its kin put together with the name of the machine and the time of the build. */
const redisBuild: readonly TextPattern[] = [
  // A machine that is a container is named by twelve hexadecimal digits.
  { literal: "00000000", pattern: /(?:^|[^\d.])(\d{1,2}\.\d{1,3}\.\d{1,3}?)[0-9a-f]{12}-\d{9,12}0{8}/ },
  { literal: "00000000", pattern: /(?:^|[^\d.])(\d{1,2}\.\d{1,3}\.\d{1,3})[A-Za-z][\w.-]{0,80}-\d{9,12}0{8}/ },
  // Distributions leave the machine out: what is left are the ten digits of the time, one for changes, and no commit.
  { literal: "00000000", pattern: /(?:^|[^\d.])(\d{1,2}\.\d{1,3}\.\d{1,3})[12]\d{9}[01]0{8}\0/ },
];

/** A folder of a build's source whose name ends in the version. */
function builtIn(folder: string): TextPattern {
  return { literal: `/${folder}-`, pattern: new RegExp(String.raw`/${folder}-(\d+\.\d+\.\d+)[-/]`) };
}

/** Databases and caches. */
export const databasePrograms: readonly KnownProgram[] = [
  {
    name: "redis",
    files: ["redis-server", "redis-check-rdb"],
    cpe: ["redis", "redis"],
    patterns: [...redisBuild, behind("Redis version ")],
  },
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
    patterns: [
      { literal: "(PostgreSQL) ", pattern: /\(PostgreSQL\) (\d+(?:\.\d+){1,2}|\d+(?:alpha|beta|rc)\d+)/ },
      { literal: "PostgreSQL ", pattern: /[\0?]PostgreSQL (\d+(?:\.\d+){0,2}(?:(?:alpha|beta|rc)\d+)?) (?:\(|on )/ },
    ],
  },
  {
    name: "mariadb",
    files: ["mariadbd", "mariadb", "mysqld", "mysql"],
    cpe: ["mariadb", "mariadb"],
    patterns: [{ literal: "-MariaDB", pattern: /(?:^|[^\d.])(\d+\.\d+\.\d+)-MariaDB/ }, builtIn("mariadb")],
  },
  {
    name: "percona-server",
    files: ["mysqld", "mysql"],
    cpe: ["percona", "percona_server"],
    patterns: [builtIn("percona-server")],
  },
  {
    name: "percona-xtradb-cluster",
    files: ["mysqld", "mysql"],
    cpe: ["percona", "xtradb_cluster"],
    patterns: [builtIn("Percona-XtraDB-Cluster")],
  },
  {
    name: "percona-xtrabackup",
    files: ["xtrabackup"],
    cpe: ["percona", "xtrabackup"],
    patterns: [builtIn("percona-xtrabackup")],
  },
  {
    name: "mysql-cluster",
    files: ["mysqld", "ndbd", "ndbmtd", "ndb_mgmd"],
    cpe: ["oracle", "mysql_cluster"],
    patterns: [
      builtIn("mysql-cluster-gpl"),
      // Before version 8 the server has a version of its own, which stands first.
      { literal: "cluster-gpl\0", pattern: /cluster-gpl\0\d[\d.]*-ndb-(\d+\.\d+\.\d+)/ },
    ],
  },
  {
    name: "mysql",
    files: ["mysqld", "mysql"],
    cpe: ["oracle", "mysql"],
    patterns: [
      { literal: "/mysql-", pattern: /\/mysql-(\d+\.\d+\.\d+)\// },
      { literal: "\0mysql_", pattern: /\0(\d+\.\d+\.\d+)\0+mysql_/ },
    ],
  },
  {
    name: "mongodb",
    files: ["mongod"],
    cpe: ["mongodb", "mongodb"],
    // The linker puts another text behind it in each series.
    patterns: ["tcmalloc", "heap_size", "cppdefines"].map((next) => ({
      literal: `\0${next}`,
      pattern: new RegExp(String.raw`\0(\d+\.\d+\.\d+)\0+${next}`),
    })),
  },
  {
    name: "arangodb",
    files: ["arangosh", "arangod"],
    cpe: ["arangodb", "arangodb"],
    patterns: [{ literal: " [linux]", pattern: /\0(\d+\.\d+\.\d+(?:-\d+)?) (?:enterprise )?\[linux\]/ }],
  },
  { name: "memcached", files: ["memcached"], cpe: ["memcached", "memcached"], patterns: [behind("memcached ")] },
  {
    name: "sqlcipher",
    files: ["sqlcipher"],
    cpe: ["zetetic", "sqlcipher"],
    patterns: [{ literal: "\0community\0", pattern: /\0community\0(\d+\.\d+\.\d+)\0/ }],
  },
  {
    name: "openldap",
    files: ["ldapsearch", "slapd"],
    cpe: ["openldap", "openldap"],
    patterns: [{ literal: "$OpenLDAP: ", pattern: /\$OpenLDAP: \w+ (\d+\.\d+\.\d+)/ }],
  },
];
