import type { FalseMatch } from "../false-match.ts";

/**
 * Packages that hold the kernel's headers and nothing of the kernel: they are built from its source, and so named by
 * every one of its advisories.
 */
export const kernelHeaders: FalseMatch = {
  id: "kernel-headers",
  title: "vulnerabilities of the Linux kernel in packages of its headers",
  isUnaffected: true,
  explain({ finding, found }): string | undefined {
    if (found.type !== "deb" && found.type !== "rpm" && found.type !== "apk") return undefined;
    if (!found.name.startsWith("linux") && !found.name.startsWith("kernel")) return undefined;
    if (!isHeaders.test(found.name)) return undefined;
    const source = found.source?.name ?? found.name;
    const isKernel = source === found.name || /^(?:linux|kernel)(?:-|$)/.test(source);
    if (!isKernel || finding.explanations.some(({ comparedName }) => !isKernelName.test(comparedName)))
      return undefined;
    return `${found.name} holds header files of the Linux kernel and no code of it: what runs is the host's kernel`;
  },
};

const isHeaders =
  /^(?:linux-libc-dev(?:-\w+-cross)?|linux-glibc-devel|linux-headers(?:-[\w.+~-]+)?|linux-[\w.+~-]+-headers-[\w.+~-]+|kernel(?:-[\w.]+)*-headers)$/;

const isKernelName = /^(?:linux|kernel)(?:-|$)/;
