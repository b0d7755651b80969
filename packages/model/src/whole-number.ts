/**
 * A whole number for people, its thousands apart: `1,204`. As `toLocaleString("en-US")` writes it, which loads the tables of
 * all languages for it: some 17 ms of every command.
 */
export function formatWhole(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
