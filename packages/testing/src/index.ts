export type { Descriptor } from "@sc/model";
