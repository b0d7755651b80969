import { ScError } from "@sc/model";
import { pemScheme, type SignerScheme } from "../key-reference.ts";

/** A key in a variable of the environment that the caller passes in. */
export const envScheme: SignerScheme = pemScheme({
  id: "env",
  form: "env://NAME",
  claims: (reference) => reference.startsWith("env://"),
  read: (reference, { environment }) => {
    const name = reference.slice("env://".length);
    const pem = Object.hasOwn(environment ?? {}, name) ? environment?.[name] : undefined;
    if (pem === undefined || pem === "") {
      throw new ScError("KEY_NOT_FOUND", `env://${name}: the variable is not set or empty`);
    }
    return Promise.resolve(new TextEncoder().encode(pem));
  },
});
