// Pulumi: a resource that is an image which was verified. What depends on its `reference` is deployed only after a
// signature of the team's key was found for exactly that digest.
//
//   const api = new SecuredImage("api", { image: "ghcr.io/acme/api:1.4.2", publicKey: "./cosign.pub" });
//   new k8s.apps.v1.Deployment("api", { … image: api.reference … });
import { type CustomResourceOptions, dynamic, type Input, type Output } from "@pulumi/pulumi";

/** What the program says of an image. */
export interface SecuredImageArguments {
  readonly image: Input<string>;
  /** A file with the public key. */
  readonly publicKey: Input<string>;
}

interface Inputs {
  readonly image: string;
  readonly publicKey: string;
}

interface Outputs extends Inputs {
  readonly digest: string;
  readonly reference: string;
}

// Pulumi serializes these functions: what they use is imported within them, and all they take and give is plain JSON.
async function verifyImage({ image, publicKey }: Inputs): Promise<Outputs> {
  const { verify } = await import("@sc/pipeline");
  const { readPublicKeys } = await import("@sc/sign");
  const signal = AbortSignal.timeout(120_000);
  const verified = await verify(image, { keys: await readPublicKeys(publicKey, { signal }) }, { signal });
  const { digest } = verified.descriptor;
  const slash = image.lastIndexOf("/");
  const colon = image.indexOf(":", slash + 1);
  const repository = image.split("@")[0]?.slice(0, colon < 0 ? undefined : colon) ?? image;
  return { image, publicKey, digest, reference: `${repository}@${digest}` };
}

const provider: dynamic.ResourceProvider<Inputs, Outputs> = {
  create: async (inputs) => {
    const outs = await verifyImage(inputs);
    return { id: outs.digest, outs };
  },
  // A tag that moved is a change: the new image is verified before anything uses it.
  diff: async (_id, before, inputs) => {
    const now = await verifyImage(inputs);
    return { changes: now.digest !== before.digest || inputs.publicKey !== before.publicKey };
  },
  update: async (_id, _before, inputs) => ({ outs: await verifyImage(inputs) }),
};

/** An image that was verified, by its digest. */
export class SecuredImage extends dynamic.Resource {
  declare readonly digest: Output<string>;
  /** `repository@digest`: what a deployment must name. */
  declare readonly reference: Output<string>;

  constructor(name: string, { image, publicKey }: SecuredImageArguments, options?: CustomResourceOptions) {
    super(provider, name, { image, publicKey, digest: undefined, reference: undefined }, options);
  }
}
