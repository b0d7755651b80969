/** The version of this package; a test holds it to package.json. What another version kept is never used. */
export const version: string = "0.1.0";
