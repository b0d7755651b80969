/**
 * Marks of maintainers that publish Debian packages in repositories of their own: the distribution's advisories do not
 * speak of those. Addresses of people who also maintain packages of Debian are not among them.
 */
const thirdPartyMarks: readonly string[] = [
  "support@docker.com",
  "@nvidia.com",
  "gc-team@google.com",
  "chrome-dev@google.com",
  "chrome-linux@google.com",
  "hashicorp.com",
  "@microsoft.com",
  "dotnetpackages@dotnetfoundation.org",
  "@mongodb.com",
  "nginx-packaging@f5.com",
  "nginx packaging",
  "@gitlab.com",
  "@grafana.com",
  "nodesource",
  "@elastic.co",
  "info@elastic.co",
  "@datadoghq.com",
  "@percona.com",
  "mysql release engineering",
  "mariadb developers",
  "package@datadoghq.com",
  "@kubernetes.io",
  "kubernetes authors",
  "opensource@github.com",
  "@yarnpkg.com",
  "yarn developers",
  "info@varnish-software.com",
  "@redis.com",
  "@confluent.io",
  "@newrelic.com",
  "@influxdata.com",
  "@azul.com",
  "@adoptium.net",
  "@amazon.com",
  "@oracle.com",
  "cloudflare",
];

/** Marks in versions of rebuilds for Debian by others. */
const thirdPartyVersion = /[.~+](pgdg|nodesource|sury|root\.io)/;

/** Whether a Debian package comes from outside the distribution. */
export function isThirdPartyDebian(maintainer: string | undefined, version: string): boolean {
  if (thirdPartyVersion.test(version)) return true;
  const name = maintainer?.toLowerCase() ?? "";
  return thirdPartyMarks.some((mark) => name.includes(mark));
}
