import type { OptionGroup } from "../command.ts";

/** How registries are spoken to. */
export const registryOptions: OptionGroup = {
  title: "Registry options",
  options: [
    {
      name: "username",
      kind: "text",
      placeholder: "NAME",
      onlyHere: true,
      summary: "user for the registry of the image",
    },
    { name: "password-stdin", kind: "flag", onlyHere: true, summary: "read that user's password from standard input" },
    {
      name: "registry-token",
      kind: "text",
      placeholder: "TOKEN",
      secret: true,
      onlyHere: true,
      summary: "bearer token for the registry of the image",
    },
    {
      name: "registry-ca",
      kind: "text",
      placeholder: "FILE",
      repeatable: true,
      summary: "trust this PEM certificate too",
    },
    { name: "client-cert", kind: "text", placeholder: "FILE", summary: "PEM certificate to present to the registry" },
    { name: "client-key", kind: "text", placeholder: "FILE", summary: "PEM key of that certificate" },
    {
      name: "plain-http",
      kind: "text",
      placeholder: "HOST",
      repeatable: true,
      summary: "speak HTTP to this host, not HTTPS",
    },
    {
      name: "tls",
      kind: "text",
      placeholder: "HOST",
      repeatable: true,
      summary: "speak HTTPS to this host, though it is on this machine",
    },
  ],
};
