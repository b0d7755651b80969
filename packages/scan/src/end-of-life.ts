import type { Distribution } from "@sc/model";

/** That a distribution's release is no longer maintained: what is found in it from then on may never be mended. */
export interface EndOfLife {
  /** `Debian 10`. */
  readonly release: string;
  /** The last day that it was maintained for everybody, `2024-06-30`. */
  readonly on: string;
  /** The last day that it is maintained for those who pay, where there is such an offer. */
  readonly paidUntil?: string;
  /** Who says so. */
  readonly source: string;
}

interface Lifetime {
  readonly name: string;
  /** The distribution's own page about its releases. */
  readonly source: string;
  /** Which part of VERSION_ID names a release. */
  readonly release: RegExp;
  /** By release: the last day for everybody, and after a blank that for those who pay. */
  readonly ends: Readonly<Record<string, string>>;
}

const major = /^\d+/;
const majorMinor = /^\d+\.\d+/;

// Last days of security maintenance that costs nothing (of Debian that of its LTS team), as the distributions' own pages
// gave them in the middle of 2026, collected by endoflife.date and by Debian's distro-info-data. Days that were only
// estimated are left out: it is better to warn late than wrongly.
const lifetimes: Readonly<Record<string, Lifetime>> = {
  almalinux: {
    name: "AlmaLinux",
    source: "https://wiki.almalinux.org/release-notes/",
    release: major,
    ends: { 8: "2029-03-01", 9: "2032-05-31", 10: "2035-05-31" },
  },
  alpine: {
    name: "Alpine",
    source: "https://alpinelinux.org/releases/",
    release: majorMinor,
    ends: {
      "3.0": "2016-05-01",
      "3.1": "2016-11-01",
      "3.2": "2017-05-01",
      "3.3": "2017-11-01",
      "3.4": "2018-05-01",
      "3.5": "2018-11-01",
      "3.6": "2019-05-01",
      "3.7": "2019-11-01",
      "3.8": "2020-05-01",
      "3.9": "2020-11-01",
      "3.10": "2021-05-01",
      "3.11": "2021-11-01",
      "3.12": "2022-05-01",
      "3.13": "2022-11-01",
      "3.14": "2023-05-01",
      "3.15": "2023-11-01",
      "3.16": "2024-05-23",
      "3.17": "2024-11-22",
      "3.18": "2025-05-09",
      "3.19": "2025-11-01",
      "3.20": "2026-04-01",
      "3.21": "2026-11-01",
      "3.22": "2027-05-01",
      "3.23": "2027-11-01",
    },
  },
  amzn: {
    name: "Amazon Linux",
    source: "https://aws.amazon.com/linux/",
    release: major,
    ends: { 2018: "2023-12-31" },
  },
  azurelinux: {
    name: "Azure Linux",
    source: "https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle",
    release: majorMinor,
    ends: { "3.0": "2027-08-31" },
  },
  centos: {
    name: "CentOS",
    source: "https://wiki.centos.org/About/Product",
    release: major,
    ends: { 5: "2017-03-31", 6: "2020-11-30", 7: "2024-06-30", 8: "2021-12-31" },
  },
  debian: {
    name: "Debian",
    source: "https://wiki.debian.org/LTS",
    release: major,
    ends: {
      6: "2016-02-29",
      7: "2018-05-31 2020-06-30",
      8: "2020-06-30 2025-06-30",
      9: "2022-06-30 2027-06-30",
      10: "2024-06-30 2029-06-30",
      11: "2026-08-31 2031-06-30",
      12: "2028-06-30 2033-06-30",
      13: "2030-06-30 2035-06-30",
    },
  },
  fedora: {
    name: "Fedora",
    source: "https://docs.fedoraproject.org/en-US/releases/eol/",
    release: major,
    ends: {
      35: "2022-12-13",
      36: "2023-05-16",
      37: "2023-12-05",
      38: "2024-05-21",
      39: "2024-11-26",
      40: "2025-05-13",
      41: "2025-12-15",
    },
  },
  mageia: {
    name: "Mageia",
    source: "https://www.mageia.org/en/support/",
    release: major,
    ends: { 5: "2017-12-31", 6: "2019-09-30", 7: "2021-06-30", 8: "2023-11-30" },
  },
  mariner: {
    name: "CBL-Mariner",
    source: "https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle",
    release: majorMinor,
    ends: { "1.0": "2023-08-31", "2.0": "2025-07-31" },
  },
  ol: {
    name: "Oracle Linux",
    source: "https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf",
    release: major,
    ends: { 6: "2021-03-01 2024-12-01", 8: "2029-07-01 2031-07-01", 9: "2032-06-30 2034-06-30" },
  },
  "opensuse-leap": {
    name: "openSUSE Leap",
    source: "https://en.opensuse.org/Lifetime",
    release: majorMinor,
    ends: {
      "42.1": "2017-05-17",
      "42.2": "2018-01-26",
      "42.3": "2019-07-01",
      "15.0": "2019-12-03",
      "15.1": "2021-02-02",
      "15.2": "2022-01-04",
      "15.3": "2022-12-31",
      "15.4": "2023-12-07",
      "15.5": "2024-12-31",
      "15.6": "2026-04-30",
      "16.0": "2027-10-31",
    },
  },
  rhel: {
    name: "Red Hat Enterprise Linux",
    source: "https://access.redhat.com/support/policy/updates/errata",
    release: major,
    ends: {
      5: "2017-03-31 2020-11-30",
      6: "2020-11-30 2024-06-30",
      7: "2024-06-30 2028-06-30",
      8: "2029-05-31 2032-05-31",
      9: "2032-05-31 2035-05-31",
    },
  },
  rocky: {
    name: "Rocky Linux",
    source: "https://wiki.rockylinux.org/rocky/version/",
    release: major,
    ends: { 8: "2029-05-31", 9: "2032-05-31" },
  },
  sles: {
    name: "SUSE Linux Enterprise Server",
    source: "https://www.suse.com/lifecycle",
    release: /^\d+(?:\.\d+)?/,
    ends: {
      "11.4": "2019-03-31 2022-03-31",
      "12": "2016-06-30 2019-07-01",
      "12.1": "2017-05-31 2020-05-31",
      "12.2": "2018-03-31 2021-03-31",
      "12.3": "2019-06-30 2022-06-30",
      "12.4": "2020-06-30 2023-06-30",
      "12.5": "2024-10-31 2027-10-31",
      "15": "2019-12-31 2022-12-31",
      "15.1": "2021-01-31 2024-01-31",
      "15.2": "2021-12-31 2024-12-31",
      "15.3": "2022-12-31 2025-12-31",
      "15.4": "2023-12-31 2026-12-31",
      "15.5": "2024-12-31 2027-12-31",
    },
  },
  ubuntu: {
    name: "Ubuntu",
    source: "https://wiki.ubuntu.com/Releases",
    release: majorMinor,
    ends: {
      "12.04": "2017-04-28 2019-04-26",
      "14.04": "2019-04-02 2024-04-02",
      "16.04": "2021-04-02 2026-04-02",
      "18.04": "2023-05-31 2028-04-01",
      "18.10": "2019-07-18",
      "19.04": "2020-01-23",
      "19.10": "2020-07-06",
      "20.04": "2025-05-31 2030-04-02",
      "20.10": "2021-07-22",
      "21.04": "2022-01-20",
      "21.10": "2022-07-14",
      "22.04": "2027-04-01 2032-04-09",
      "22.10": "2023-07-20",
      "23.04": "2024-01-20",
      "23.10": "2024-07-12",
      "24.04": "2029-05-31 2036-05-31",
      "24.10": "2025-07-10",
      "25.04": "2026-01-17",
      "25.10": "2026-07-01",
      "26.04": "2031-04-30 2036-04-30",
    },
  },
};

const day = 24 * 60 * 60 * 1000;

/**
 * The end of a distribution's release, once it is past; `undefined` while it is maintained and where nobody says. The
 * image's own `SUPPORT_END` counts only for releases that are not in the table: an image is no witness for itself.
 */
export function endOfLife(distribution: Distribution, { now }: { readonly now: Date }): EndOfLife | undefined {
  const end = listedEnd(distribution) ?? ownEnd(distribution);
  if (end === undefined || !isPast(end.on, now)) return undefined;
  const { paidUntil, ...rest } = end;
  return paidUntil === undefined || isPast(paidUntil, now) ? rest : end;
}

function listedEnd({ id, versionId = "" }: Distribution): EndOfLife | undefined {
  const lifetime = Object.hasOwn(lifetimes, id) ? lifetimes[id] : undefined;
  const release = lifetime?.release.exec(versionId)?.[0];
  const listed = release === undefined ? undefined : lifetime?.ends[release];
  if (lifetime === undefined || listed === undefined) return undefined;
  const [on = "", paidUntil] = listed.split(" ");
  const { name, source } = lifetime;
  return { release: `${name} ${release}`, on, ...(paidUntil === undefined ? {} : { paidUntil }), source };
}

function ownEnd({ id, versionId = "", prettyName, fields, path }: Distribution): EndOfLife | undefined {
  const on = fields["SUPPORT_END"];
  if (on === undefined || !/^\d{4}-\d\d-\d\d$/.test(on)) return undefined;
  return { release: prettyName ?? `${id} ${versionId}`.trim(), on, source: `/${path} of the image` };
}

// The last day counts.
function isPast(on: string, now: Date): boolean {
  return Date.parse(on) + day <= now.getTime();
}

/** What the end of a release means, in one sentence. */
export function describeEndOfLife({ release, on, paidUntil }: EndOfLife): string {
  const paid = paidUntil === undefined ? "" : `, but for paying customers (until ${paidUntil})`;
  return `${release} has not been maintained since ${on}${paid}: new vulnerabilities may have neither advisory nor fix`;
}
