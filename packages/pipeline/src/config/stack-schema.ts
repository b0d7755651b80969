import { z } from "zod";
import { securitySchema } from "./security-schema.ts";

/** What names a stack, a parent, an environment or a service: it becomes part of a path, so no dots alone and no `..`. */
const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,99}$/;

/** Whether a text may name a stack, a parent, an environment or a service. */
export function isStackName(text: string): boolean {
  return namePattern.test(text);
}

const name = z.string().regex(namePattern, "wanted a name of letters, digits, - and _, which may have dots within");
const names = z.union([name, z.array(name).max(32)]);
const image = z.string().min(1).max(1000);

const services = z.record(name, z.looseObject({ image: image.optional() }));
const images = z.union([z.array(image).max(1000), z.record(name, image)]);

// What else stands in `config` and `client` is the deploy tool's.
const parts = {
  security: securitySchema.optional(),
  client: z.looseObject({ security: securitySchema.optional() }).optional(),
  config: z
    .looseObject({
      security: securitySchema.optional(),
      images: images.optional(),
      services: services.optional(),
    })
    .optional(),
};

const inherits = { parent: names.optional(), uses: names.optional() };

/** A stack file or a parent of one: `.sc/stacks/<stack>/client.yaml`, `.sc/parent-stacks/<name>.yaml`. */
export const stackSchema: z.ZodType = z.strictObject({
  schemaVersion: z.union([z.literal(1), z.literal("1"), z.literal("1.0")]).optional(),
  ...inherits,
  ...parts,
  defaults: z.unknown().optional(),
  variables: z.unknown().optional(),
  stacks: z
    .record(
      name,
      z.strictObject({
        type: z.string().max(200).optional(),
        parentEnv: z.string().max(200).optional(),
        template: z.string().max(200).optional(),
        ...inherits,
        ...parts,
      }),
    )
    .optional(),
});

/** A configuration file that stands alone. */
export const fileSchema: z.ZodType = z.strictObject({ security: securitySchema, images: images.optional() });
