/**
 * Another text for every other list of catalogers, by their ids and versions: part of the key of what is kept of an
 * inventory, so that one can be found without loading them. A test computes it and says what to write here.
 */
export const catalogersVersion = "7a995f2423b06b55";
