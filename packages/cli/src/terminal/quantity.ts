export { formatBytes, formatCount } from "@sc/model";

/** A time span for people, from milliseconds: `0.3 s`, `2 min 5 s`. */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** An age for people, from milliseconds: `12 min`, `26 h`, `12 d`. */
export function formatAge(milliseconds: number): string {
  const minutes = Math.max(Math.floor(milliseconds / 60_000), 0);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 72 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

/** An instant for people, to the minute, in UTC: `2026-11-20 04:10 UTC`. */
export function formatInstant(instant: Date): string {
  return `${instant.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
