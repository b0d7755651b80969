const milliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The span that a configuration writes as `90s`, `30m`, `6h` or `2d`, in milliseconds. The schema has checked it. */
export function parseSpan(text: string): number {
  const unit = (["s", "m", "h", "d"] as const).find((one) => text.endsWith(one)) ?? "s";
  return Number(text.slice(0, -1)) * milliseconds[unit];
}
