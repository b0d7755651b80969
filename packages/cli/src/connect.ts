import { ScError } from "@sc/model";
import { type ExplicitCredential, parseReference } from "@sc/oci";
import { Connection } from "@sc/pipeline";
import type { ActionContext } from "./command.ts";
import { readUserFile } from "./files.ts";

/** Certificates and keys are small; more is a mistake. */
const maxPemBytes = 4 * 1024 * 1024;

/**
 * The connection that the options and the environment ask for. The credential options are for the registry of the
 * first image and for no other. Throws `CLI_USAGE`, `FILE_MISSING`, `FILE_UNREADABLE`.
 */
export async function connect(context: ActionContext, images: readonly string[]): Promise<Connection> {
  const { values, environment } = context;
  const credential = await explicitCredential(context, images);
  const plainHttp = values.texts("plain-http");
  return new Connection({
    offline: values.flag("offline"),
    registry: {
      plainHttp,
      tlsLoopback: values.texts("tls"),
      http: { tls: await tlsOptions(context), proxy: environment.proxy },
      credentials: {
        ...(credential === undefined ? {} : { explicit: [credential] }),
        environment: environment.variables,
        ...(environment.dockerConfig === undefined ? {} : { dockerConfig: environment.dockerConfig }),
        podmanAuth: environment.podmanAuth,
      },
    },
  });
}

/** The connection to the services of signing alone, for a command that is about no registry. */
export async function connectServices({ values, environment }: ActionContext): Promise<Connection> {
  const { certificateFile, proxy } = environment;
  const tls = certificateFile === undefined ? {} : { extraCa: [await readPem(certificateFile)] };
  return new Connection({ offline: values.flag("offline"), registry: { http: { tls, proxy } } });
}

async function explicitCredential(
  context: ActionContext,
  images: readonly string[],
): Promise<ExplicitCredential | undefined> {
  const { values } = context;
  const user = values.text("username");
  const bearerToken = values.text("registry-token");
  const passwordGiven = values.flag("password-stdin");
  if (user === undefined && bearerToken === undefined && !passwordGiven) return undefined;
  if (bearerToken !== undefined && (user !== undefined || passwordGiven)) {
    throw new ScError("CLI_USAGE", "--registry-token and --username exclude each other");
  }
  if (bearerToken === undefined && (user === undefined || !passwordGiven)) {
    throw new ScError("CLI_USAGE", "--username and --password-stdin are only given together");
  }
  const registry = onlyRegistry(images);
  if (bearerToken !== undefined) return { registry, bearerToken };
  const password = new TextDecoder().decode(await context.readInput()).replace(/\r?\n$/, "");
  context.hide(password);
  return { registry, user: user ?? "", password };
}

// Credentials on the command line name no registry: they are for the images', and only where that is one.
function onlyRegistry(images: readonly string[]): string {
  const registries = new Set(
    images.flatMap((image) => {
      const reference = parseReference(image);
      return reference.scheme === "registry" ? [reference.registry] : [];
    }),
  );
  const [registry] = registries;
  if (registry !== undefined && registries.size === 1) return registry;
  throw new ScError("CLI_USAGE", `credentials are given for images of ${registries.size} registries, wanted one`, {
    hint: "Log in with docker login or podman login where several registries need credentials.",
  });
}

async function tlsOptions(context: ActionContext): Promise<{
  readonly extraCa?: readonly string[];
  readonly clientCertificate?: string;
  readonly clientKey?: string;
}> {
  const { values, environment } = context;
  const paths = [
    ...values.texts("registry-ca"),
    ...(environment.certificateFile === undefined ? [] : [environment.certificateFile]),
  ];
  const certificate = values.text("client-cert");
  const key = values.text("client-key");
  if ((certificate === undefined) !== (key === undefined)) {
    throw new ScError("CLI_USAGE", "--client-cert and --client-key are only given together");
  }
  return {
    ...(paths.length === 0 ? {} : { extraCa: await Promise.all(paths.map(readPem)) }),
    ...(certificate === undefined ? {} : { clientCertificate: await readPem(certificate) }),
    ...(key === undefined ? {} : { clientKey: await readPem(key) }),
  };
}

async function readPem(path: string): Promise<string> {
  return new TextDecoder().decode(await readUserFile(path, { maxBytes: maxPemBytes }));
}
