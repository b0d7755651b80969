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

const services = z
  .record(name, z.looseObject({ image: image.optional().describe("The reference of the service's image") }))
  .describe("Services by name");
const images = z.union([z.array(image).max(1000), z.record(name, image)]).describe("Images, or images by name");

// What else stands in `config` and `client` is the deploy tool's.
const parts = {
  security: securitySchema.optional(),
  client: z.looseObject({ security: securitySchema.optional() }).optional().describe("The same, a level deeper"),
  config: z
    .looseObject({
      security: securitySchema.optional(),
      images: images.optional(),
      services: services.optional(),
    })
    .optional()
    .describe("What is deployed, and what is done to it"),
};

const inherits = {
  parent: names.optional().describe("Whose settings hold where this says nothing; of several the last counts"),
  uses: names.optional().describe("The same by another name"),
};

/** A stack file or a parent of one: `.sc/stacks/<stack>/client.yaml`, `.sc/parent-stacks/<name>.yaml`. */
export const stackSchema: z.ZodType = z.strictObject({
  schemaVersion: z
    .union([z.literal(1), z.literal("1"), z.literal("1.0")])
    .optional()
    .describe("The version of this form"),
  ...inherits,
  ...parts,
  defaults: z.unknown().optional().describe("The deploy tool's: not read here"),
  variables: z.unknown().optional().describe("The deploy tool's: not read here"),
  stacks: z
    .record(
      name,
      z.strictObject({
        type: z.string().max(200).optional().describe("The deploy tool's: not read here"),
        parentEnv: z.string().max(200).optional().describe("The deploy tool's: not read here"),
        template: z.string().max(200).optional().describe("The deploy tool's: not read here"),
        ...inherits,
        ...parts,
      }),
    )
    .optional()
    .describe("Environments by name"),
});

/** A configuration file that stands alone. */
export const fileSchema: z.ZodType = z.strictObject({ security: securitySchema, images: images.optional() });
