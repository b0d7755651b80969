/**
 * A whole number for people, its thousands apart: `1,204`. As `toLocaleString("en-US")` writes it, which loads the tables of
 * all languages for it: some 17 ms of every command.
 */
export function formatWhole(number: number): string {
  return String(number).replaceAll(/\B(?=(?:\d{3}){1,6}$)/g, ",");
}

/** A count with its noun: `1 package`, `1,204 packages`, `2 vulnerabilities`. */
export function formatCount(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${formatWhole(count)} ${plural}`;
}
