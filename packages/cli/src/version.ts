/** The version of this command line; a test holds it to package.json. */
export const version: string = "0.1.0";
